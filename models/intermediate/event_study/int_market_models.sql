-- A regression on the sessions before the entry, by differences of the running sums that the series carry.
{%- set study = var('study') %}

with entries as (

    select * from {{ ref('int_entry_sessions') }}

),

series as (

    select * from {{ ref('int_study_series') }}

),

estimations as (

    select
        entries.series_id,
        entries.tradable_number,
        last_rows.estimation_count - coalesce(rows_before.estimation_count, 0) as estimation_count,
        last_rows.estimation_r - coalesce(rows_before.estimation_r, 0) as estimation_r,
        last_rows.estimation_m - coalesce(rows_before.estimation_m, 0) as estimation_m,
        last_rows.estimation_rm - coalesce(rows_before.estimation_rm, 0) as estimation_rm,
        last_rows.estimation_mm - coalesce(rows_before.estimation_mm, 0) as estimation_mm
    from entries
    inner join series as last_rows
        on entries.series_id = last_rows.series_id
        and entries.entry_number - {{ study['estimation_last'] }} = last_rows.session_number
    left join series as rows_before
        on entries.series_id = rows_before.series_id
        and entries.entry_number - {{ study['estimation_first'] + 1 }} = rows_before.session_number

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
    series_id,
    tradable_number,
    beta,
    (estimation_r - beta * estimation_m) / estimation_count as alpha
from slopes
