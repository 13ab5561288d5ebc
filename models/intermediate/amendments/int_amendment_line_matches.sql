-- Which of the lines that it may restate each line of a dated amendment restates. Where nothing tells which, the earlier lines stay and it gives way.
with matches as (

    select * from {{ ref('int_amendment_line_candidates') }}

),

held as (

    select
        source,
        record_id,
        version_number,
        line_ordinal
    from matches
    group by source, record_id, version_number, line_ordinal
    having not bool_or(is_matched)

),

judged as (

    select
        matches.*,
        held.record_id is not null as restates_held_line
    from matches
    left join held
        on matches.source = held.source
        and matches.amended_record_id = held.record_id
        and matches.amended_version_number = held.version_number
        and matches.amended_line_ordinal = held.line_ordinal

),

restating as (

    select *
    from judged
    where
        is_matched
        and not restates_held_line
    -- The latest filing before it has the line as it is in force.
    qualify amended_place = max(amended_place) over (partition by source, record_id, version_number, line_ordinal order by known_from)

),

holding as (

    select
        source,
        record_id,
        version_number,
        line_ordinal,
        amended_record_id,
        amended_version_number,
        amended_line_ordinal,
        known_from
    from judged
    where not is_matched

    union

    select
        judged.source,
        judged.record_id,
        judged.version_number,
        judged.line_ordinal,
        matches.amended_record_id,
        matches.amended_version_number,
        matches.amended_line_ordinal,
        greatest(judged.known_from, matches.known_from) as known_from
    from judged
    inner join matches
        on judged.source = matches.source
        and judged.amended_record_id = matches.record_id
        and judged.amended_version_number = matches.version_number
        and judged.amended_line_ordinal = matches.line_ordinal
    where
        judged.is_matched
        and judged.restates_held_line

),

decided as (

    select
        source,
        record_id,
        version_number,
        line_ordinal,
        min(known_from) as known_from
    from restating
    group by source, record_id, version_number, line_ordinal

)

select
    source,
    record_id,
    version_number,
    line_ordinal,
    amended_record_id,
    amended_version_number,
    amended_line_ordinal,
    known_from,
    'matched' as match_status
from restating

union all

select
    holding.source,
    holding.record_id,
    holding.version_number,
    holding.line_ordinal,
    holding.amended_record_id,
    holding.amended_version_number,
    holding.amended_line_ordinal,
    min(holding.known_from) as known_from,
    'ambiguous' as match_status
from holding
left join decided
    on holding.source = decided.source
    and holding.record_id = decided.record_id
    and holding.version_number = decided.version_number
    and holding.line_ordinal = decided.line_ordinal
where decided.record_id is null
group by
    holding.source, holding.record_id, holding.version_number, holding.line_ordinal,
    holding.amended_record_id, holding.amended_version_number, holding.amended_line_ordinal
