-- Every archived observation starts a version, repeats one, or is stale: none is lost on the way from the archive to the versions.
-- If this fails, staging dropped or multiplied rows, and every count downstream is wrong.
with outcomes as (

    select
        source,
        count(*) as outcome_count,
        cast(sum(case when outcome = 'new_version' then 1 else 0 end) as bigint) as version_count
    from {{ ref('int_observation_outcomes') }}
    group by source

),

archived as (

    select
        walks.filing_source as source,
        cast(sum(counts.archived_records) as bigint) as observation_count
    from {{ ref('stg_archive__counts') }} as counts
    inner join {{ ref('stg_archive__walks') }} as walks
        on counts.source = walks.source
        and counts.walk_id = walks.walk_id
    where walks.filing_source is not null
    group by walks.filing_source

),

versions as (

    select
        source,
        count(*) as filing_version_count
    from {{ ref('int_filing_versions') }}
    group by source

)

select
    archived.source,
    archived.observation_count,
    outcomes.outcome_count,
    outcomes.version_count,
    versions.filing_version_count
from archived
left join outcomes on archived.source = outcomes.source
left join versions on archived.source = versions.source
where
    archived.observation_count <> coalesce(outcomes.outcome_count, 0)
    or coalesce(outcomes.version_count, 0) <> coalesce(versions.filing_version_count, 0)
