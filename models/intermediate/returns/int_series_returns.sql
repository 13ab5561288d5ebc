-- The market model is estimated on returns over one session, with the benchmark's own close at both ends.
with prices as (

    select * from {{ ref('int_series_prices') }}

),

issuers as (

    select * from {{ ref('int_series_issuers') }}

),

bases as (

    select * from {{ ref('int_series_bases') }}

),

benchmarks as (

    select * from {{ ref('int_benchmark_sessions') }}

),

on_one_basis as (

    select
        prices.series_id,
        prices.session_number,
        prices.session_date,
        prices.open,
        prices.close,
        prices.volume,
        prices.split_factor,
        prices.adjusted_open * coalesce(bases.basis, 1) as adjusted_open,
        prices.adjusted_close * coalesce(bases.basis, 1) as adjusted_close,
        prices.delisting_return,
        benchmarks.benchmark_open,
        benchmarks.benchmark_close,
        benchmarks.benchmark_age
    from prices
    inner join issuers on prices.series_id = issuers.series_id
    left join benchmarks
        on issuers.market = benchmarks.market
        and prices.session_number = benchmarks.session_number
    left join bases
        on prices.series_id = bases.series_id
        and prices.session_number > bases.after_number
        and prices.session_number <= bases.last_number

),

followed as (

    select
        *,
        lead(session_number) over (partition by series_id order by session_number) as next_number,
        session_number - lag(session_number) over (partition by series_id order by session_number) as span_sessions,
        lag(benchmark_age) over (partition by series_id order by session_number) as benchmark_age_before,
        adjusted_close / lag(adjusted_close) over (partition by series_id order by session_number) - 1 as daily_return,
        benchmark_close / lag(benchmark_close) over (partition by series_id order by session_number) - 1 as benchmark_return
    from on_one_basis

),

marked as (

    select
        *,
        case
            when span_sessions = 1 and benchmark_age = 0 and benchmark_age_before = 0 then 1
        end as is_estimated
    from followed

)

select
    series_id,
    session_number,
    session_date,
    next_number,
    open,
    close,
    volume,
    split_factor,
    adjusted_open,
    adjusted_close,
    benchmark_open,
    benchmark_close,
    benchmark_age,
    daily_return,
    benchmark_return,
    span_sessions,
    delisting_return,
    coalesce(sum(daily_return) over running, 0) as cum_return,
    coalesce(sum(benchmark_return) over running, 0) as cum_benchmark,
    cast(coalesce(sum(is_estimated) over running, 0) as integer) as estimation_count,
    coalesce(sum(is_estimated * daily_return) over running, 0) as estimation_r,
    coalesce(sum(is_estimated * benchmark_return) over running, 0) as estimation_m,
    coalesce(sum(is_estimated * daily_return * benchmark_return) over running, 0) as estimation_rm,
    coalesce(sum(is_estimated * benchmark_return * benchmark_return) over running, 0) as estimation_mm
from marked
window running as (partition by series_id order by session_number rows between unbounded preceding and current row)
