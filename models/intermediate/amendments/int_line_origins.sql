with record_supersessions as (

    select * from {{ ref('int_record_supersessions') }}

),

line_supersessions as (

    select * from {{ ref('int_line_supersessions') }}

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
    superseding_record_id as record_id,
    superseding_version_number as version_number,
    superseding_line_ordinal as line_ordinal,
    record_id as origin_record_id,
    version_number as origin_version_number,
    line_ordinal as origin_line_ordinal,
    known_from
from line_supersessions
where superseding_line_ordinal is not null
