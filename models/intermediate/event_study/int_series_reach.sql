-- How far the prices of each issuer reach, and those of its market's shares: what these do not reach yet may still come. A benchmark comes from
-- a file of its own and says nothing of that.
-- Prices that come with the issuer's id are its own on every day, those by ticker while the ticker is known.
with series as (

    select * from {{ ref('int_series') }}

),

reached as (

    select
        series_id,
        min(session_number) as first_number,
        max(session_number) as last_number
    from {{ ref('int_series_prices') }}
    group by series_id

),

priced_by_id as (

    select distinct listing_id
    from {{ ref('int_listing_symbols') }}
    where symbol_kind = 'issuer_id'

),

ends as (

    select
        series.market,
        reached.last_number,
        count(*) as ending,
        sum(count(*)) over (
            partition by series.market order by reached.last_number
            rows between current row and unbounded following
        ) as still_there
    from series
    inner join reached on series.series_id = reached.series_id
    group by series.market, reached.last_number

),

-- One delisting takes one series; where most of those still there end together, it is the files that end.
markets as (

    select
        market,
        min(last_number) as last_number
    from ends
    where 2 * ending > still_there
    group by market

)

select
    series.series_id,
    series.source,
    series.issuer_id,
    series.market,
    series.exchange_calendar,
    series.currency,
    series.from_number,
    series.before_number,
    priced_by_id.listing_id is not null as is_priced_by_id,
    reached.first_number,
    reached.last_number,
    markets.last_number as market_last_number
from series
left join reached on series.series_id = reached.series_id
left join priced_by_id on series.listing_id = priced_by_id.listing_id
left join markets on series.market = markets.market
