with jumps as (

    select * from {{ ref('int_price_jumps') }}

),

listings as (

    select * from {{ ref('int_listings') }}

),

benchmarks as (

    select * from {{ ref('int_benchmark_prices') }}

),

found as (

    select
        listings.source,
        listings.issuer_id,
        listings.market,
        jumps.symbol,
        jumps.session_date,
        jumps.sessions_between,
        jumps.adjusted_close_before,
        jumps.adjusted_open,
        jumps.adjusted_close,
        jumps.is_jump,
        jumps.is_break,
        jumps.is_jump_inside
    from jumps
    inner join listings on jumps.listing_id = listings.listing_id

    union all

    select
        cast(null as string) as source,
        cast(null as string) as issuer_id,
        market,
        'BENCHMARK' as symbol,
        session_date,
        cast(null as integer) as sessions_between,
        benchmark_close_before as adjusted_close_before,
        benchmark_open as adjusted_open,
        benchmark_close as adjusted_close,
        {{ is_suspect_jump('benchmark_close', 'benchmark_close_before') }} as is_jump,
        false as is_break,
        {{ is_suspect_jump('benchmark_open', 'benchmark_close') }} as is_jump_inside
    from benchmarks

)

select
    source,
    issuer_id,
    market,
    symbol,
    session_date,
    case when is_break then 'new_series' else 'jump' end as finding,
    sessions_between,
    adjusted_close_before as adjusted_price_before,
    adjusted_close as adjusted_price,
    adjusted_close / adjusted_close_before - 1 as change
from found
where is_jump

union all

select
    source,
    issuer_id,
    market,
    symbol,
    session_date,
    'open' as finding,
    cast(null as integer) as sessions_between,
    adjusted_open as adjusted_price_before,
    adjusted_close as adjusted_price,
    adjusted_close / adjusted_open - 1 as change
from found
where is_jump_inside
