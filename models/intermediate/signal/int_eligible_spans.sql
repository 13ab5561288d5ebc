-- When each line version counts for the signal: it is in force, nothing excludes it, its event is not below the minimum, and it was not
-- bought on the same terms as others, where that excludes.
with event_lines as (

    select * from {{ ref('int_event_lines') }}
    where
        exclusion_reason is null
        and not is_below_minimum

),

same_terms as (

    select * from {{ ref('int_same_terms_spans') }}
    where {{ var('exclude_same_terms') | lower }}

)

select
    event_lines.transaction_id,
    event_lines.version_number,
    greatest(event_lines.valid_from, coalesce(same_terms.valid_from, event_lines.valid_from)) as valid_from,
    least(event_lines.valid_to, same_terms.valid_to) as valid_to
from event_lines
left join same_terms
    on {{ same_transaction_version('event_lines', 'same_terms') }}
    and {{ overlap('event_lines', 'same_terms') }}
where not coalesce({{ excluded_by_same_terms('same_terms.same_terms_buyers') }}, false)
