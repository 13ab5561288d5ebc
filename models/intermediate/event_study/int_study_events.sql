-- Beside each event stands the same event entered at its transaction, as somebody would who takes transaction dates for news: it looks ahead on
-- purpose, to show what that is worth. Nobody enters after a day that may be no event.
with events as (

    select * from {{ ref('int_signal_events') }}

),

series as (

    select * from {{ ref('int_day_series') }}
    where is_event

),

labels as (

    select * from {{ ref('int_event_labels') }}

),

days as (

    select * from {{ ref('int_sessions') }}

),

sessions as (

    select * from {{ ref('int_counted_days') }}
    where day_kind = 'trading' and is_counted

),

entries as (

    select '' as suffix
    union all
    select '_at_transaction' as suffix

),

entered as (

    select
        events.*,
        events.event_kind || entries.suffix as entered_kind,
        series.ticker,
        series.series_id,
        series.has_prices,
        series.exchange_calendar,
        case
            when entries.suffix = '' then events.tradable_on
            when days.is_session then days.date_day
            else days.next_session
        end as entered_on
    from events
    cross join entries
    inner join series
        on events.source = series.source
        and events.issuer_id = series.issuer_id
        and events.signal_date = series.signal_date
    left join days
        on series.exchange_calendar = days.exchange_calendar
        and events.transaction_date = days.date_day
    where entries.suffix = '' or days.date_day is not null

)

select
    entered.entered_kind || ':' || entered.source || ':' || entered.issuer_id || ':' || cast(entered.signal_date as string) as event_id,
    entered.entered_kind as event_kind,
    entered.has_past,
    entered.signal_date,
    entered.source,
    entered.issuer_id,
    entered.ticker,
    entered.market,
    entered.series_id,
    entered.has_prices,
    entered.entered_on as tradable_on,
    case when entered.has_past then cast(sessions.day_number as integer) end as tradable_number,
    entered.score,
    entered.score_version,
    entered.score_quintile,
    entered.total_buy_value,
    entered.distinct_buyers,
    entered.is_senior,
    entered.days_since_last_buy,
    labels.role,
    labels.buy_value_to_volume,
    labels.same_terms_buyers,
    labels.is_first_buy_in_year,
    labels.trading_pattern,
    labels.paid_to_close,
    labels.paid_to_close_flag
from entered
inner join labels
    on entered.source = labels.source
    and entered.issuer_id = labels.issuer_id
    and entered.signal_date = labels.signal_date
left join sessions
    on entered.exchange_calendar = sessions.calendar
    and entered.entered_on = sessions.date_day
