with record_supersessions as (

    select * from {{ ref('int_record_supersessions') }}

),

matches as (

    select * from {{ ref('int_amendment_line_matches') }}

),

lines as (

    select * from {{ ref('int_line_versions') }}

)

select
    lines.source,
    lines.record_id,
    lines.version_number,
    lines.line_ordinal,
    record_supersessions.superseding_record_id,
    cast(null as bigint) as superseding_version_number,
    cast(null as bigint) as superseding_line_ordinal,
    'named' as match_status,
    record_supersessions.known_from
from record_supersessions
inner join lines
    on record_supersessions.source = lines.source
    and record_supersessions.record_id = lines.record_id
    and record_supersessions.version_number = lines.version_number

union all

select
    source,
    amended_record_id as record_id,
    amended_version_number as version_number,
    amended_line_ordinal as line_ordinal,
    record_id as superseding_record_id,
    version_number as superseding_version_number,
    line_ordinal as superseding_line_ordinal,
    match_status,
    known_from
from matches
where match_status = 'matched'

union all

-- The other way round: the line of the amendment gives way to the one that it may restate.
select
    source,
    record_id,
    version_number,
    line_ordinal,
    amended_record_id as superseding_record_id,
    amended_version_number as superseding_version_number,
    amended_line_ordinal as superseding_line_ordinal,
    match_status,
    known_from
from matches
where match_status = 'ambiguous'
