{{ config(materialized='view') }}

-- A market without a benchmark of its own takes that of all markets.
with issuers as (

    select distinct
        market,
        exchange_calendar
    from {{ ref('int_listings') }}

),

closes as (

    select closes.*
    from {{ ref('stg_prices__closes') }} as closes
    inner join {{ ref('int_as_of') }} as as_of on closes.session_date <= as_of.as_of_date
    where
        closes.symbol_kind = 'ticker'
        and closes.symbol = 'BENCHMARK'

),

symbols as (

    select * from {{ ref('int_price_symbols') }}
    where
        symbol_kind = 'ticker'
        and symbol = 'BENCHMARK'

),

chosen as (

    select
        issuers.market,
        issuers.exchange_calendar,
        symbols.market as price_market,
        symbols.first_date
    from issuers
    inner join symbols on issuers.market = coalesce(symbols.market, issuers.market)
    qualify row_number() over (partition by issuers.market order by symbols.market asc nulls last) = 1

),

sessions as (

    select
        sessions.calendar,
        sessions.date_day,
        sessions.day_number
    from {{ ref('int_counted_days') }} as sessions
    inner join {{ ref('int_as_of') }} as as_of on sessions.date_day <= as_of.as_of_date
    where
        sessions.day_kind = 'trading'
        and sessions.is_counted

)

select
    chosen.market,
    cast(sessions.day_number as integer) as session_number,
    sessions.date_day as session_date,
    closes.adjusted_open,
    closes.adjusted_close
from chosen
inner join sessions
    on chosen.exchange_calendar = sessions.calendar
    and chosen.first_date <= sessions.date_day
left join closes
    on chosen.price_market is not distinct from closes.market
    and sessions.date_day = closes.session_date
