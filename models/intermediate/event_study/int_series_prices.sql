{{ config(materialized='view') }}

with closes as (

    select * from {{ ref('int_listing_closes') }}

),

series as (

    select * from {{ ref('int_series') }}

),

jumps as (

    select * from {{ ref('int_price_jumps') }}
    where is_jump and not is_break

),

benchmarks as (

    select * from {{ ref('int_benchmark_sessions') }}

)

select
    series.series_id,
    closes.*,
    benchmarks.benchmark_open,
    benchmarks.benchmark_close,
    benchmarks.benchmark_age,
    benchmarks.suspect_count as benchmark_suspect_count,
    jumps.session_number is not null as is_jump
from closes
inner join series
    on closes.listing_id = series.listing_id
    and closes.session_number >= series.from_number
    and closes.session_number < coalesce(series.before_number, closes.session_number + 1)
left join benchmarks
    on series.market = benchmarks.market
    and closes.session_number = benchmarks.session_number
left join jumps
    on closes.listing_id = jumps.listing_id
    and closes.session_number = jumps.session_number
