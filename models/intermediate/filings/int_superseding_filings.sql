-- A filing supersedes something from the first day on which a line of another filing that it amends is known.
with supersessions as (

    select * from {{ ref('int_record_supersessions') }}

),

targets as (

    select
        source,
        record_id,
        min(available_date) as available_date
    from {{ ref('int_filing_versions') }}
    group by source, record_id

)

select
    supersessions.source,
    supersessions.superseding_filing_id as filing_id,
    min(greatest(supersessions.known_date, targets.available_date)) as supersedes_from
from supersessions
inner join targets
    on supersessions.source = targets.source
    and supersessions.record_id = targets.record_id
where supersessions.filing_id <> supersessions.superseding_filing_id
group by supersessions.source, supersessions.superseding_filing_id
