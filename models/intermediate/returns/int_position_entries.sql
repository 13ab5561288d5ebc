-- The first session with a price, from the one asked for to so many after it; at the open where share and benchmark both have one.
{%- set study = var('study') %}

with positions as (

    select * from {{ ref('int_positions') }}

),

issuers as (

    select * from {{ ref('int_study_issuers') }}

),

series as (

    select * from {{ ref('int_study_series') }}

),

found as (

    select
        positions.series_id,
        positions.tradable_number,
        issuers.first_number,
        issuers.last_number,
        issuers.market_last_number,
        case
            when positions.tradable_number < issuers.first_number then issuers.first_number
            else series.next_priced_number
        end as entry_number
    from positions
    inner join issuers on positions.series_id = issuers.series_id
    left join series
        on positions.series_id = series.series_id
        and positions.tradable_number = series.session_number

),

waited as (

    select
        series_id,
        tradable_number,
        last_number,
        market_last_number,
        case when entry_number <= tradable_number + {{ study['wait_sessions'] }} then entry_number end as entry_number
    from found

),

delistings as (

    select
        waited.series_id,
        waited.tradable_number,
        min(series.session_number) as delisting_number
    from waited
    inner join series
        on waited.series_id = series.series_id
        and waited.entry_number <= series.session_number
    where series.delisting_return is not null
    group by waited.series_id, waited.tradable_number

),

estimations as (

    select
        waited.series_id,
        waited.tradable_number,
        last_rows.estimation_count - coalesce(rows_before.estimation_count, 0) as estimation_count,
        last_rows.estimation_r - coalesce(rows_before.estimation_r, 0) as estimation_r,
        last_rows.estimation_m - coalesce(rows_before.estimation_m, 0) as estimation_m,
        last_rows.estimation_rm - coalesce(rows_before.estimation_rm, 0) as estimation_rm,
        last_rows.estimation_mm - coalesce(rows_before.estimation_mm, 0) as estimation_mm
    from waited
    inner join series as last_rows
        on waited.series_id = last_rows.series_id
        and waited.entry_number - {{ study['estimation_last'] }} = last_rows.session_number
    left join series as rows_before
        on waited.series_id = rows_before.series_id
        and waited.entry_number - {{ study['estimation_first'] + 1 }} = rows_before.session_number

),

slopes as (

    select
        *,
        (estimation_count * estimation_rm - estimation_r * estimation_m)
        / nullif(estimation_count * estimation_mm - estimation_m * estimation_m, 0) as beta
    from estimations
    where estimation_count >= {{ study['estimation_minimum'] }}

)

select
    waited.series_id,
    waited.tradable_number,
    waited.last_number,
    waited.market_last_number,
    waited.entry_number,
    series.session_date as entry_date,
    case
        when series.open is null and series.close is null then null
        when series.adjusted_open is not null and series.benchmark_open is not null then 'open'
        else 'close'
    end as entry_at,
    case when series.adjusted_open is not null and series.benchmark_open is not null then series.open else series.close end as entry_price,
    case
        when series.adjusted_open is not null and series.benchmark_open is not null then series.adjusted_open
        else series.adjusted_close
    end as adjusted_entry_price,
    case
        when series.adjusted_open is not null and series.benchmark_open is not null then series.benchmark_open
        when series.benchmark_age <= {{ study['wait_sessions'] }} then series.benchmark_close
    end as benchmark_entry_price,
    series.adjusted_close,
    series.benchmark_close,
    series.cum_return,
    series.cum_benchmark,
    delistings.delisting_number,
    slopes.beta,
    (slopes.estimation_r - slopes.beta * slopes.estimation_m) / slopes.estimation_count as alpha
from waited
left join series
    on waited.series_id = series.series_id
    and waited.entry_number = series.session_number
left join delistings
    on waited.series_id = delistings.series_id
    and waited.tradable_number = delistings.tradable_number
left join slopes
    on waited.series_id = slopes.series_id
    and waited.tradable_number = slopes.tradable_number
