with version_supersessions as (

    select * from {{ ref('int_version_supersessions') }}

),

line_supersessions as (

    select * from {{ ref('int_line_supersessions') }}

),

filing_versions as (

    select * from {{ ref('int_filing_versions') }}

),

lines as (

    select * from {{ ref('int_line_trades') }}

),

supersessions as (

    select
        version_supersessions.source,
        version_supersessions.record_id,
        version_supersessions.version_number,
        version_supersessions.superseding_record_id,
        version_supersessions.known_from
    from version_supersessions
    where
        exists (
            select 1
            from lines
            where
                version_supersessions.source = lines.source
                and version_supersessions.record_id = lines.record_id
                and version_supersessions.version_number = lines.version_number
        )

    union all

    select
        source,
        record_id,
        version_number,
        superseding_record_id,
        known_from
    from line_supersessions

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
