-- A session is suspect where its close jumps, or its benchmark's close since the price before: nobody earned what lies over such a session.
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

    select * from {{ ref('int_benchmark_prices') }}

),

followed as (

    select
        series.series_id,
        closes.*,
        lead(closes.session_number) over ordered as next_number,
        jumps.session_number is not null
        or coalesce(benchmarks.suspect_count > lag(benchmarks.suspect_count) over ordered, false) as is_suspect
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
    window ordered as (partition by series.series_id order by closes.session_number)

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
    delisting_return,
    cast(sum(case when is_suspect then 1 else 0 end) over (
        partition by series_id order by session_number
        rows between unbounded preceding and current row
    ) as integer) as suspect_count
from followed
