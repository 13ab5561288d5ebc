with supersessions as (

    select * from {{ ref('int_line_supersessions') }}
    where match_status <> 'ambiguous'

),

filing_versions as (

    select * from {{ ref('int_filing_versions') }}

)

select
    superseding.source,
    superseding.filing_id,
    min(greatest({{ moment_date('supersessions.known_from') }}, superseded.available_date, superseding.available_date)) as supersedes_from
from supersessions
inner join filing_versions as superseded
    on supersessions.source = superseded.source
    and supersessions.record_id = superseded.record_id
    and supersessions.version_number = superseded.version_number
inner join filing_versions as superseding
    on supersessions.source = superseding.source
    and supersessions.superseding_record_id = superseding.record_id
where superseded.filing_id <> superseding.filing_id
group by superseding.source, superseding.filing_id
