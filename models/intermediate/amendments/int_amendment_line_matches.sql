-- Which of the lines that it may restate each line of a dated amendment restates. Where nothing tells which, the earlier lines stay and it gives way.
with judged as (

    select * from {{ ref('int_judged_lines') }}

),

lines as (

    select * from {{ ref('int_dated_lines') }}

),

yielding as (

    select
        line_version_id,
        amended_line_version_id,
        known_from
    from judged
    where
        not is_matched
        and not has_decided

    union all

    -- What restates a line that gives way gives way to the same lines.
    select
        judged.line_version_id,
        held.amended_line_version_id,
        greatest(judged.known_from, held.known_from) as known_from
    from judged
    inner join judged as held on judged.amended_line_version_id = held.line_version_id
    where
        judged.is_matched
        and not judged.has_decided

),

matches as (

    select
        line_version_id,
        amended_line_version_id,
        known_from,
        'matched' as match_status
    from judged
    where is_decided
    -- The latest filing before it has the line as it is in force.
    qualify amended_place = max(amended_place) over (partition by line_version_id order by known_from)

    union all

    select
        line_version_id,
        amended_line_version_id,
        min(known_from) as known_from,
        'ambiguous' as match_status
    from yielding
    group by line_version_id, amended_line_version_id

)

select
    lines.source,
    lines.record_id,
    lines.version_number,
    lines.line_ordinal,
    amended.record_id as amended_record_id,
    amended.version_number as amended_version_number,
    amended.line_ordinal as amended_line_ordinal,
    matches.known_from,
    matches.match_status
from matches
inner join lines on matches.line_version_id = lines.line_version_id
inner join lines as amended on matches.amended_line_version_id = amended.line_version_id
