-- When each line version counts for the signal: it stands, nothing excludes it, and its event is not below the minimum.
with event_lines as (

    select * from {{ ref('int_event_lines') }}
    where exclusion_reason is null

),

segments as (

    select * from {{ ref('int_event_segments') }}

),

at_risk as (

    select distinct event_key
    from segments

)

select
    event_lines.transaction_id,
    event_lines.version_number,
    event_lines.valid_from,
    event_lines.valid_to
from event_lines
left join at_risk on event_lines.event_key = at_risk.event_key
where at_risk.event_key is null

union all

select
    event_lines.transaction_id,
    event_lines.version_number,
    segments.valid_from,
    segments.valid_to
from event_lines
inner join segments
    on event_lines.event_key = segments.event_key
    and event_lines.valid_from <= segments.valid_from
where
    not segments.is_below_minimum
    and (event_lines.valid_to is null or segments.valid_from < event_lines.valid_to)
