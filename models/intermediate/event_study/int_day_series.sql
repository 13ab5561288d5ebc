-- Which prices a day of an issuer is measured with: those of the issuer, if on that day a symbol of it was known. Days with an event are, and
-- Sundays: one day a week is enough for rank correlations, whose days hardly differ from one another, and it comes before the week's first session.
with events as (

    select distinct
        source,
        issuer_id,
        signal_date
    from {{ ref('int_signal_events') }}

),

days as (

    select
        scores.*,
        events.signal_date is not null as is_event,
        {{ weekday('scores.signal_date') }} = 7 as is_sunday
    from {{ ref('int_study_scores') }} as scores
    left join events
        on scores.source = events.source
        and scores.issuer_id = events.issuer_id
        and scores.signal_date = events.signal_date

),

issuers as (

    select * from {{ ref('int_series_reach') }}

),

tickers as (

    select * from {{ ref('int_issuer_tickers') }}

),

sessions as (

    select * from {{ ref('int_counted_days') }}
    where day_kind = 'trading'

)

select
    days.source,
    days.issuer_id,
    days.signal_date,
    days.is_event,
    days.is_sunday,
    days.market,
    days.tradable_on,
    days.total_buy_value,
    days.distinct_buyers,
    days.senior_buyer_flag,
    days.days_since_last_buy,
    tickers.ticker,
    case when issuers.is_priced_by_id or tickers.ticker is not null then issuers.series_id end as series_id,
    issuers.exchange_calendar,
    issuers.currency,
    issuers.first_number is not null as has_prices,
    cast(sessions.day_number as integer) as signal_number
from days
inner join issuers
    on days.source = issuers.source
    and days.issuer_id = issuers.issuer_id
    and coalesce(days.market, 'unknown') = issuers.market
inner join sessions
    on issuers.exchange_calendar = sessions.calendar
    and days.signal_date = sessions.date_day
    and issuers.from_number <= sessions.day_number
    and sessions.day_number < coalesce(issuers.before_number, sessions.day_number + 1)
left join tickers
    on issuers.source = tickers.source
    and issuers.issuer_id = tickers.issuer_id
    and issuers.market = tickers.market
    and {{ holds_on('days.signal_date', 'tickers', 'known_from', 'valid_to') }}
where days.is_event or days.is_sunday
