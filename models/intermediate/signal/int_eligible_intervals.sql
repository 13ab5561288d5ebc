-- When each line version counts for the signal: it stands, nothing excludes it, its event is not below the minimum, and it was not
-- bought on the same terms as others, where that excludes.
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

),

same_terms as (

    select * from {{ ref('int_same_terms_segments') }}
    where {{ var('exclude_same_terms') | lower }}

),

above_minimum as (

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
        and {{ holds_on('segments.valid_from', 'event_lines') }}
    where not segments.is_below_minimum

)

select
    above_minimum.transaction_id,
    above_minimum.version_number,
    greatest(above_minimum.valid_from, coalesce(same_terms.valid_from, above_minimum.valid_from)) as valid_from,
    least(above_minimum.valid_to, same_terms.valid_to) as valid_to
from above_minimum
left join same_terms
    on {{ same_transaction_version('above_minimum', 'same_terms') }}
    and {{ overlap('above_minimum', 'same_terms') }}
where not coalesce({{ excluded_by_same_terms('same_terms.same_terms_buyers') }}, false)
