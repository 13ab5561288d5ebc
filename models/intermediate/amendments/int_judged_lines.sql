-- What a line of a dated amendment may restate is undecided where nothing tells which of several it is, and where it is such a line itself.
with matches as (

    select
        line_version_id,
        amended_line_version_id,
        amended_place,
        known_from,
        is_matched
    from {{ ref('int_amendment_line_candidates') }}

    union all

    select
        line_version_id,
        amended_line_version_id,
        amended_place,
        known_from,
        true as is_matched
    from {{ ref('int_carried_lines') }}

),

unmatched as (

    select line_version_id
    from {{ ref('int_amendment_line_candidates') }}
    group by line_version_id
    having not bool_or(is_matched)

)

select
    matches.*,
    matches.is_matched and unmatched.line_version_id is null as is_decided,
    bool_or(matches.is_matched and unmatched.line_version_id is null) over (partition by matches.line_version_id) as has_decided
from matches
left join unmatched on matches.amended_line_version_id = unmatched.line_version_id
