-- Beside each event stands the same event entered at its transaction, as somebody would who takes transaction dates for news: it looks ahead on
-- purpose, to show what that is worth. Nobody enters after a day that may be no event.
with events as (

    select * from {{ ref('int_signal_events') }}

),

series as (

    select * from {{ ref('int_event_series') }}

),

days as (

    select * from {{ ref('int_sessions') }}

),

sessions as (

    select * from {{ ref('int_counted_days') }}
    where day_kind = 'trading' and is_counted

),

dated as (

    select
        event_kind,
        has_past,
        source,
        issuer_id,
        signal_date,
        tradable_on
    from events

    union all

    select
        events.event_kind || '_at_transaction' as event_kind,
        events.has_past,
        events.source,
        events.issuer_id,
        events.signal_date,
        case when days.is_session then days.date_day else days.next_session end as tradable_on
    from events
    inner join series
        on events.source = series.source
        and events.issuer_id = series.issuer_id
        and events.signal_date = series.signal_date
    inner join days
        on series.exchange_calendar = days.exchange_calendar
        and events.transaction_date = days.date_day

)

select
    dated.event_kind || ':' || dated.source || ':' || dated.issuer_id || ':' || cast(dated.signal_date as string) as event_id,
    dated.event_kind,
    dated.has_past,
    dated.source,
    dated.issuer_id,
    dated.signal_date,
    dated.tradable_on,
    series.market,
    series.ticker,
    series.series_id,
    series.has_prices,
    case when dated.has_past then cast(sessions.day_number as integer) end as tradable_number
from dated
inner join series
    on dated.source = series.source
    and dated.issuer_id = series.issuer_id
    and dated.signal_date = series.signal_date
left join sessions
    on series.exchange_calendar = sessions.calendar
    and dated.tradable_on = sessions.date_day
