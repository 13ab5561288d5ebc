-- At the open where share and benchmark both have one.
{%- set study = var('study') %}

with entries as (

    select * from {{ ref('int_entry_sessions') }}

),

series as (

    select
        *,
        adjusted_open is not null and benchmark_open is not null as has_opens
    from {{ ref('int_study_series') }}

),

market_models as (

    select * from {{ ref('int_market_models') }}

),

delistings as (

    select
        entries.series_id,
        entries.tradable_number,
        min(series.session_number) as delisting_number
    from entries
    inner join series
        on entries.series_id = series.series_id
        and entries.entry_number <= series.session_number
    where series.delisting_return is not null
    group by entries.series_id, entries.tradable_number

)

select
    entries.series_id,
    entries.tradable_number,
    entries.last_number,
    entries.market_last_number,
    entries.entry_number,
    series.session_date as entry_date,
    case
        when series.open is null and series.close is null then null
        when series.has_opens then 'open'
        else 'close'
    end as entry_at,
    case when series.has_opens then series.open else series.close end as entry_price,
    case when series.has_opens then series.adjusted_open else series.adjusted_close end as adjusted_entry_price,
    case
        when series.has_opens then series.benchmark_open
        when series.benchmark_age <= {{ study['wait_sessions'] }} then series.benchmark_close
    end as benchmark_entry_price,
    series.adjusted_close,
    series.benchmark_close,
    series.suspect_count,
    series.cum_return,
    series.cum_benchmark,
    delistings.delisting_number,
    market_models.beta,
    market_models.alpha
from entries
left join series
    on entries.series_id = series.series_id
    and entries.entry_number = series.session_number
left join delistings
    on entries.series_id = delistings.series_id
    and entries.tradable_number = delistings.tradable_number
left join market_models
    on entries.series_id = market_models.series_id
    and entries.tradable_number = market_models.tradable_number
