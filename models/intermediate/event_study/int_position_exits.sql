-- A position is left at the close of the session that its horizon ends with, or of the next one with a price; at its delisting where that comes
-- first. `is_final` marks one that waits in vain: its prices ended before, and nobody said why.
{%- set wait_sessions = var('study')['wait_sessions'] %}

with entries as (

    select * from {{ ref('int_position_entries') }}

),

horizons as (
    {% for horizon in var('study')['horizons'] %}
    select cast({{ horizon }} as integer) as horizon{{ ' union all' if not loop.last }}
    {%- endfor %}

),

series as (

    select * from {{ ref('int_study_series') }}

),

planned as (

    select
        entries.*,
        horizons.horizon,
        entries.entry_number + horizons.horizon as planned_number,
        coalesce(entries.delisting_number < entries.entry_number + horizons.horizon, false) as is_delisted
    from entries
    cross join horizons

),

found as (

    select
        planned.*,
        case
            when planned.is_delisted then planned.delisting_number
            when series.next_priced_number <= planned.planned_number + {{ wait_sessions }} then series.next_priced_number
        end as exit_number,
        planned.planned_number + {{ wait_sessions }} > planned.market_last_number as is_waiting
    from planned
    left join series
        on planned.series_id = series.series_id
        and planned.planned_number = series.session_number

)

select
    *,
    coalesce(exit_number is null and not is_waiting and last_number < planned_number, false) as is_vanished
from found
