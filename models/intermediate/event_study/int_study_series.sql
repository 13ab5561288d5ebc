{{ config(materialized='view') }}

-- Sessions without a price are rows too, so that whoever looks for a session finds one.
with returns as (

    select * from {{ ref('int_series_returns') }}

),

gaps as (

    select * from {{ ref('int_series_gaps') }}

),

sessions as (

    select
        series_id,
        session_number,
        session_date,
        true as is_priced,
        session_number as next_priced_number,
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
        suspect_count,
        cum_return,
        cum_benchmark,
        estimation_count,
        estimation_r,
        estimation_m,
        estimation_rm,
        estimation_mm
    from returns

    union all

    select
        series_id,
        session_number,
        session_date,
        false as is_priced,
        next_priced_number,
        cast(null as double) as open,
        cast(null as double) as close,
        cast(null as double) as volume,
        split_factor,
        cast(null as double) as adjusted_open,
        cast(null as double) as adjusted_close,
        benchmark_open,
        benchmark_close,
        benchmark_age,
        cast(null as double) as daily_return,
        cast(null as double) as benchmark_return,
        cast(null as integer) as span_sessions,
        cast(null as double) as delisting_return,
        suspect_count,
        cum_return,
        cum_benchmark,
        estimation_count,
        estimation_r,
        estimation_m,
        estimation_rm,
        estimation_mm
    from gaps

),

series as (

    select * from {{ ref('int_series') }}

)

select
    sessions.*,
    series.market,
    series.exchange_calendar
from sessions
inner join series on sessions.series_id = series.series_id
