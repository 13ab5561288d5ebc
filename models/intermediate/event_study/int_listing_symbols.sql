-- Prices given by issuer are taken before prices by ticker, those of one source or market before those of all.
with issuers as (

    select * from {{ ref('int_listings') }}

),

tickers as (

    select * from {{ ref('int_issuer_tickers') }}

),

prices as (

    select * from {{ ref('int_price_symbols') }}

),

by_issuer as (

    select
        issuers.listing_id,
        prices.*
    from issuers
    inner join prices
        on issuers.issuer_id = prices.symbol
        and issuers.source = coalesce(prices.source, issuers.source)
        and issuers.market = coalesce(prices.market, issuers.market)
    where prices.symbol_kind = 'issuer_id'
    qualify row_number() over (partition by issuers.listing_id order by prices.source asc nulls last, prices.market asc nulls last) = 1

),

by_ticker as (

    select
        issuers.listing_id,
        tickers.valid_from,
        tickers.valid_to,
        prices.*
    from issuers
    inner join tickers
        on issuers.source = tickers.source
        and issuers.issuer_id = tickers.issuer_id
        and issuers.market = tickers.market
    inner join prices
        on tickers.ticker = prices.symbol
        and tickers.market = coalesce(prices.market, tickers.market)
    where prices.symbol_kind = 'ticker'
    qualify row_number() over (partition by issuers.listing_id, tickers.valid_from order by prices.market asc nulls last) = 1

)

select
    listing_id,
    symbol_kind,
    symbol,
    source,
    market,
    date '0001-01-01' as valid_from,
    cast(null as date) as valid_to
from by_issuer

union all

select
    by_ticker.listing_id,
    by_ticker.symbol_kind,
    by_ticker.symbol,
    by_ticker.source,
    by_ticker.market,
    by_ticker.valid_from,
    by_ticker.valid_to
from by_ticker
left join by_issuer on by_ticker.listing_id = by_issuer.listing_id
where by_issuer.listing_id is null
