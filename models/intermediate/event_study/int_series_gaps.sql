-- The running sums stand still over sessions without a price.
with returns as (

    select * from {{ ref('int_series_returns') }}
    where next_number > session_number + 1

),

series as (

    select * from {{ ref('int_series') }}

),

sessions as (

    select * from {{ ref('int_counted_days') }}
    where day_kind = 'trading' and is_counted

),

benchmarks as (

    select * from {{ ref('int_benchmark_sessions') }}

),

longest as (

    select max(next_number - session_number) as sessions
    from returns

),

offsets as (

    select distinct cast(sessions.day_number as integer) as sessions_after
    from sessions
    inner join longest on sessions.day_number < longest.sessions

),

missing as (

    select
        returns.*,
        returns.session_number + offsets.sessions_after as missing_number
    from returns
    inner join offsets on returns.next_number - returns.session_number > offsets.sessions_after

)

select
    missing.series_id,
    missing.missing_number as session_number,
    sessions.date_day as session_date,
    missing.next_number as next_priced_number,
    missing.split_factor,
    benchmarks.benchmark_open,
    benchmarks.benchmark_close,
    benchmarks.benchmark_age,
    missing.suspect_count,
    missing.cum_return,
    missing.cum_benchmark,
    missing.estimation_count,
    missing.estimation_r,
    missing.estimation_m,
    missing.estimation_rm,
    missing.estimation_mm
from missing
inner join series on missing.series_id = series.series_id
inner join sessions
    on series.exchange_calendar = sessions.calendar
    and missing.missing_number = sessions.day_number
left join benchmarks
    on series.market = benchmarks.market
    and missing.missing_number = benchmarks.session_number
