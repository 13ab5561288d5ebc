with matches as (

    select * from {{ ref('int_line_matches') }}

)

select
    source,
    amended_record_id as record_id,
    amended_version_number as version_number,
    amended_line_ordinal as line_ordinal,
    record_id as superseding_record_id,
    min(known_from) as known_from
from matches
group by source, amended_record_id, amended_version_number, amended_line_ordinal, record_id
