-- How far the prices of each issuer reach, and those of its market: what a market's prices do not reach yet may still come.
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
    reached.first_number,
    reached.last_number,
    markets.last_number as market_last_number
from issuers
left join reached on issuers.series_id = reached.series_id
left join markets on issuers.market = markets.market
