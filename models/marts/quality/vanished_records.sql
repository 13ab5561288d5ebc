with outcomes as (

    select * from {{ ref('int_observation_outcomes') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

filings as (

    select
        filing_versions.*,
        as_of.as_of_date
    from {{ ref('int_filing_versions') }} as filing_versions
    inner join as_of on filing_versions.available_date <= as_of.as_of_date

),

latest as (

    select *
    from filings
    qualify row_number() over (partition by source, record_id order by version_number desc) = 1

),

walks as (

    select * from {{ ref('stg_archive__walks') }}

),

-- A filing may be served by two archives; each says of its own alone that it serves it no more. All that walks are held against is in one
-- relation: else DuckDB joins every record to every walk first.
seen as (

    select
        latest.as_of_date,
        latest.source,
        latest.record_id,
        latest.filing_id,
        latest.issuer_id,
        latest.filing_date,
        serving.source as archive,
        max(outcomes.observed_at) as last_seen_at
    from latest
    inner join outcomes
        on latest.source = outcomes.source
        and latest.record_id = outcomes.record_id
    inner join walks as serving on outcomes.walk_id = serving.walk_id
    group by
        latest.as_of_date,
        latest.source,
        latest.record_id,
        latest.filing_id,
        latest.issuer_id,
        latest.filing_date,
        serving.source

)

select
    seen.as_of_date,
    seen.source,
    seen.record_id,
    seen.filing_id,
    seen.issuer_id,
    seen.filing_date,
    max(seen.last_seen_at) as last_seen_at,
    min(walks.started_at) as missed_at,
    count(*) as walks_missed
from seen
inner join walks
    on seen.archive = walks.source
    and seen.filing_date >= walks.window_start
    and seen.filing_date <= walks.window_end
    and seen.last_seen_at < walks.started_at
group by
    seen.as_of_date,
    seen.source,
    seen.record_id,
    seen.filing_id,
    seen.issuer_id,
    seen.filing_date
