{%- set wait_sessions = var('study')['wait_sessions'] %}

with exits as (

    select * from {{ ref('int_position_exits') }}

),

series as (

    select * from {{ ref('int_study_series') }}

),

held as (

    select
        exits.*,
        series.session_date as last_date,
        case when exits.is_delisted then series.delisting_return end as delisting_return,
        coalesce(series.suspect_count > exits.suspect_count, false)
        or {{ is_suspect_jump('exits.adjusted_close', 'exits.adjusted_entry_price') }}
        or {{ is_suspect_jump('exits.benchmark_close', 'exits.benchmark_entry_price') }} as is_suspect,
        series.adjusted_close / exits.adjusted_entry_price - 1 as return_to_close,
        case
            when series.benchmark_age <= {{ wait_sessions }} then series.benchmark_close / exits.benchmark_entry_price - 1
        end as benchmark_return,
        -- On the session of an entry at the open only what comes after the open counts.
        series.cum_return - exits.cum_return
        + case when exits.entry_at = 'open' then exits.adjusted_close / exits.adjusted_entry_price - 1 else 0 end as sum_of_returns,
        series.cum_benchmark - exits.cum_benchmark
        + case when exits.entry_at = 'open' then exits.benchmark_close / exits.benchmark_entry_price - 1 else 0 end as sum_of_benchmark_returns,
        exits.exit_number - exits.entry_number + case when exits.entry_at = 'open' then 1 else 0 end as sessions_held
    from exits
    left join series
        on exits.series_id = series.series_id
        and case when exits.is_vanished then exits.last_number else exits.exit_number end = series.session_number

),

measured as (

    select
        *,
        case
            when exit_number is not null and not is_suspect then (1 + return_to_close) * (1 + coalesce(delisting_return, 0)) - 1
        end as raw_return,
        sum_of_returns + coalesce(delisting_return, 0) - alpha * sessions_held - beta * sum_of_benchmark_returns as sum_of_abnormal_returns
    from held

)

select
    series_id,
    tradable_number,
    horizon,
    entry_number,
    exit_number,
    entry_date,
    case when raw_return is not null then last_date end as exit_date,
    entry_at,
    entry_price,
    is_delisted,
    raw_return,
    case when raw_return is not null then benchmark_return end as benchmark_return,
    raw_return - benchmark_return as adjusted_return,
    case when raw_return is not null and benchmark_return is not null then sum_of_abnormal_returns end as abnormal_return,
    {%- for lost in [30, 100] %}
    case
        when (is_delisted or is_vanished) and not is_suspect then (1 + return_to_close) * (1 - {{ lost / 100 }}) - 1
        else raw_return
    end - benchmark_return as adjusted_return_delisting_{{ lost }},
    {%- endfor %}
    case
        when entry_number is null and tradable_number + {{ wait_sessions }} > market_last_number then 'horizon_not_reached'
        when entry_number is null then 'no_entry'
        when exit_number is null and is_waiting then 'horizon_not_reached'
        when is_suspect then 'suspect_series'
        when exit_number is null then 'no_exit'
        when benchmark_return is null then 'no_benchmark'
        when sum_of_abnormal_returns is null then 'short_estimation'
    end as unpriced_reason
from measured
