with recursive record_supersessions as (

    select * from {{ ref('int_record_supersessions') }}

),

line_supersessions as (

    select * from {{ ref('int_line_supersessions') }}
    where match_status = 'matched'

),

lines as (

    select * from {{ ref('int_line_versions') }}

),

-- What an amendment names, it restates with all its lines, even where the earlier filing had none.
named as (

    select
        source,
        superseding_record_id as record_id,
        record_id as origin_record_id,
        version_number as origin_version_number,
        known_from
    from record_supersessions

),

dated as (

    select
        source,
        superseding_record_id as record_id,
        superseding_version_number as version_number,
        superseding_line_ordinal as line_ordinal,
        record_id as origin_record_id,
        version_number as origin_version_number,
        line_ordinal as origin_line_ordinal,
        known_from
    from line_supersessions

    union all

    -- An amendment of an amendment restates what that restated.
    select
        dated.source,
        dated.record_id,
        dated.version_number,
        dated.line_ordinal,
        line_supersessions.record_id as origin_record_id,
        line_supersessions.version_number as origin_version_number,
        line_supersessions.line_ordinal as origin_line_ordinal,
        greatest(dated.known_from, line_supersessions.known_from) as known_from
    from dated
    inner join line_supersessions
        on dated.source = line_supersessions.source
        and dated.origin_record_id = line_supersessions.superseding_record_id
        and dated.origin_version_number = line_supersessions.superseding_version_number
        and dated.origin_line_ordinal = line_supersessions.superseding_line_ordinal

)

select
    lines.source,
    lines.record_id,
    lines.version_number,
    lines.line_ordinal,
    named.origin_record_id,
    named.origin_version_number,
    cast(null as bigint) as origin_line_ordinal,
    named.known_from
from named
inner join lines
    on named.source = lines.source
    and named.record_id = lines.record_id

union all

select
    source,
    record_id,
    version_number,
    line_ordinal,
    origin_record_id,
    origin_version_number,
    origin_line_ordinal,
    min(known_from) as known_from
from dated
group by source, record_id, version_number, line_ordinal, origin_record_id, origin_version_number, origin_line_ordinal
