-- No return crosses a price that is suspect. The market model is estimated on returns over one session, with the benchmark's own close at both ends.
with prices as (

    select * from {{ ref('int_series_prices') }}

),

followed as (

    select
        *,
        lead(session_number) over ordered as next_number,
        session_number - lag(session_number) over ordered as span_sessions,
        lag(benchmark_age) over ordered as benchmark_age_before,
        lag(adjusted_close) over ordered as close_before,
        lag(benchmark_close) over ordered as benchmark_close_before,
        is_jump or coalesce(benchmark_suspect_count > lag(benchmark_suspect_count) over ordered, false) as is_suspect
    from prices
    window ordered as (partition by series_id order by session_number)

),

marked as (

    select
        *,
        case when not is_suspect then adjusted_close / close_before - 1 end as daily_return,
        case when not is_suspect then benchmark_close / benchmark_close_before - 1 end as benchmark_return,
        case
            when span_sessions = 1 and benchmark_age = 0 and benchmark_age_before = 0 and not is_suspect then 1
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
    cast(sum(case when is_suspect then 1 else 0 end) over running as integer) as suspect_count,
    coalesce(sum(daily_return) over running, 0) as cum_return,
    coalesce(sum(benchmark_return) over running, 0) as cum_benchmark,
    cast(coalesce(sum(is_estimated) over running, 0) as integer) as estimation_count,
    coalesce(sum(is_estimated * daily_return) over running, 0) as estimation_r,
    coalesce(sum(is_estimated * benchmark_return) over running, 0) as estimation_m,
    coalesce(sum(is_estimated * daily_return * benchmark_return) over running, 0) as estimation_rm,
    coalesce(sum(is_estimated * benchmark_return * benchmark_return) over running, 0) as estimation_mm
from marked
window running as (partition by series_id order by session_number rows between unbounded preceding and current row)
