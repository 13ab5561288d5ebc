-- Which lines of a dated amendment may restate which, and whether that is decided: undecided is a line where nothing tells which of several it
-- restates, and where it restates such a line itself.
with candidates as (

    select * from {{ ref('int_amendment_line_candidates') }}

),

links as (

    select * from {{ ref('int_dated_amendment_links') }}
    where not is_undecided

),

-- A line that an earlier amendment restated already is restated in the form that it has there, unless another line restates that.
carried as (

    select
        later.line_version_id,
        earlier.line_version_id as amended_line_version_id,
        links.amended_place,
        min(greatest(later.known_from, earlier.known_from, links.known_from)) as known_from
    from candidates as later
    inner join candidates as earlier on later.amended_line_version_id = earlier.amended_line_version_id
    inner join links
        on later.record_version_id = links.record_version_id
        and earlier.record_version_id = links.amended_record_version_id
    left join candidates as own
        on later.record_version_id = own.record_version_id
        and earlier.line_version_id = own.amended_line_version_id
    where
        later.is_matched
        and earlier.is_matched
        and own.record_version_id is null
    group by later.line_version_id, earlier.line_version_id, links.amended_place

),

matches as (

    select
        line_version_id,
        amended_line_version_id,
        amended_place,
        known_from,
        is_matched
    from candidates

    union all

    select
        *,
        true as is_matched
    from carried

),

unmatched as (

    select line_version_id
    from candidates
    group by line_version_id
    having not bool_or(is_matched)

)

select
    matches.*,
    matches.is_matched and unmatched.line_version_id is null as is_decided,
    bool_or(matches.is_matched and unmatched.line_version_id is null) over (partition by matches.line_version_id) as has_decided
from matches
left join unmatched on matches.amended_line_version_id = unmatched.line_version_id
