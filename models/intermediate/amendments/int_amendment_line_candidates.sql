-- Lines of dated amendments with the lines that they restate, or one of several that they may restate (`is_matched` false).
with found as (

    select * from {{ ref('int_restated_lines') }}
    union all
    select * from {{ ref('int_corrected_lines') }}

),

links as (

    select * from {{ ref('int_dated_amendment_links') }}
    where not is_undecided

),

candidates as (

    select
        *,
        match_status = 'matched' and not is_undecided as is_matched
    from found

),

-- A line that an earlier amendment restated already is restated in the form that it has there, unless another line restates that.
carried as (

    select
        candidates.source,
        candidates.record_id,
        candidates.version_number,
        candidates.line_ordinal,
        earlier.record_id as amended_record_id,
        earlier.version_number as amended_version_number,
        earlier.line_ordinal as amended_line_ordinal,
        links.amended_place,
        min(greatest(candidates.known_from, earlier.known_from, links.known_from)) as known_from
    from candidates
    inner join candidates as earlier
        on candidates.source = earlier.source
        and candidates.amended_record_id = earlier.amended_record_id
        and candidates.amended_version_number = earlier.amended_version_number
        and candidates.amended_line_ordinal = earlier.amended_line_ordinal
        and candidates.is_matched
        and earlier.is_matched
    inner join links
        on candidates.source = links.source
        and candidates.record_id = links.record_id
        and candidates.version_number = links.version_number
        and earlier.record_id = links.amended_record_id
        and earlier.version_number = links.amended_version_number
    left join candidates as own
        on candidates.source = own.source
        and candidates.record_id = own.record_id
        and candidates.version_number = own.version_number
        and earlier.record_id = own.amended_record_id
        and earlier.version_number = own.amended_version_number
        and earlier.line_ordinal = own.amended_line_ordinal
    where own.record_id is null
    group by
        candidates.source, candidates.record_id, candidates.version_number, candidates.line_ordinal,
        earlier.record_id, earlier.version_number, earlier.line_ordinal, links.amended_place

)

select
    source,
    record_id,
    version_number,
    line_ordinal,
    amended_record_id,
    amended_version_number,
    amended_line_ordinal,
    amended_place,
    known_from,
    is_matched
from candidates

union all

select
    source,
    record_id,
    version_number,
    line_ordinal,
    amended_record_id,
    amended_version_number,
    amended_line_ordinal,
    amended_place,
    known_from,
    true as is_matched
from carried
