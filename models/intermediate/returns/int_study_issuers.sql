-- How far the prices of each issuer reach, and those of its market: what a market's prices do not reach yet may still come.
-- Prices that come with the issuer's id are its own on every day, those by ticker while the ticker is known.
with issuers as (

    select * from {{ ref('int_series_issuers') }}

),

reached as (

    select
        series_id,
        min(session_number) as first_number,
        max(session_number) as last_number
    from {{ ref('int_series_returns') }}
    group by series_id

),

priced_by_id as (

    select distinct series_id
    from {{ ref('int_series_symbols') }}
    where symbol_kind = 'issuer_id'

),

benchmarks as (

    select
        market,
        max(session_number) as last_number
    from {{ ref('int_benchmark_sessions') }}
    where benchmark_age = 0
    group by market

),

markets as (

    select
        issuers.market,
        greatest(max(reached.last_number), max(benchmarks.last_number)) as last_number
    from issuers
    left join reached on issuers.series_id = reached.series_id
    left join benchmarks on issuers.market = benchmarks.market
    group by issuers.market

)

select
    issuers.series_id,
    issuers.source,
    issuers.issuer_id,
    issuers.market,
    issuers.exchange_calendar,
    issuers.currency,
    priced_by_id.series_id is not null as is_priced_by_id,
    reached.first_number,
    reached.last_number,
    markets.last_number as market_last_number
from issuers
left join reached on issuers.series_id = reached.series_id
left join priced_by_id on issuers.series_id = priced_by_id.series_id
left join markets on issuers.market = markets.market
