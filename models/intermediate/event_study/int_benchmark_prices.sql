-- The benchmark's close is carried over sessions without one, and `benchmark_age` says for how many. Its opens are not. A close that no split
-- explains is as suspect as a share's.
with closes as (

    select
        *,
        case when adjusted_close is not null then session_number end as own_number
    from {{ ref('int_benchmark_closes') }}

),

carried as (

    select
        *,
        max(own_number) over (
            partition by market order by session_number
            rows between unbounded preceding and current row
        ) as last_own_number
    from closes

),

filled as (

    select
        market,
        session_number,
        session_date,
        adjusted_open as benchmark_open,
        max(adjusted_close) over (partition by market, last_own_number) as benchmark_close,
        session_number - last_own_number as benchmark_age
    from carried
    where last_own_number is not null

),

followed as (

    select
        *,
        lag(benchmark_close) over (partition by market order by session_number) as benchmark_close_before
    from filled

)

select
    market,
    session_number,
    session_date,
    benchmark_open,
    benchmark_close,
    benchmark_age,
    benchmark_close_before,
    cast(sum(case when {{ is_suspect_jump('benchmark_close', 'benchmark_close_before') }} then 1 else 0 end) over (
        partition by market order by session_number
        rows between unbounded preceding and current row
    ) as integer) as suspect_count
from followed
