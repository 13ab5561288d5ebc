-- Which prices an event is measured with: those of the issuer, if on D a symbol of it was known.
with event_days as (

    select distinct
        source,
        issuer_id,
        signal_date,
        coalesce(market, 'unknown') as market
    from {{ ref('int_signal_events') }}

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
    event_days.source,
    event_days.issuer_id,
    event_days.signal_date,
    event_days.market,
    tickers.ticker,
    case when issuers.is_priced_by_id or tickers.ticker is not null then issuers.series_id end as series_id,
    issuers.exchange_calendar,
    issuers.currency,
    issuers.first_number is not null as has_prices,
    cast(sessions.day_number as integer) as signal_number
from event_days
inner join issuers
    on event_days.source = issuers.source
    and event_days.issuer_id = issuers.issuer_id
    and event_days.market = issuers.market
inner join sessions
    on issuers.exchange_calendar = sessions.calendar
    and event_days.signal_date = sessions.date_day
    and issuers.from_number <= sessions.day_number
    and sessions.day_number < coalesce(issuers.before_number, sessions.day_number + 1)
left join tickers
    on event_days.source = tickers.source
    and event_days.issuer_id = tickers.issuer_id
    and event_days.market = tickers.market
    and {{ holds_on('event_days.signal_date', 'tickers', 'known_from', 'valid_to') }}
