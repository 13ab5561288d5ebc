-- A price on a day that is no session of the market's exchange is left out.
with closes as (

    select * from {{ ref('stg_prices__closes') }}

),

symbols as (

    select * from {{ ref('int_listing_symbols') }}

),

issuers as (

    select * from {{ ref('int_listings') }}

),

sessions as (

    select * from {{ ref('int_counted_days') }}
    where day_kind = 'trading' and is_counted

),

as_of as (

    select * from {{ ref('int_as_of') }}

)

select
    symbols.listing_id,
    cast(sessions.day_number as integer) as session_number,
    closes.session_date,
    closes.symbol,
    closes.open,
    closes.close,
    closes.volume,
    closes.split_factor,
    closes.adjusted_open,
    closes.adjusted_close,
    closes.delisting_return
from closes
inner join as_of on closes.session_date <= as_of.as_of_date
inner join symbols
    on closes.symbol_kind = symbols.symbol_kind
    and closes.symbol = symbols.symbol
    and closes.source is not distinct from symbols.source
    and closes.market is not distinct from symbols.market
    and {{ holds_on('closes.session_date', 'symbols') }}
inner join issuers on symbols.listing_id = issuers.listing_id
inner join sessions
    on issuers.exchange_calendar = sessions.calendar
    and closes.session_date = sessions.date_day
