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
    qualify row_number() over (
        partition by filing_versions.source, filing_versions.record_id order by filing_versions.version_number desc
    ) = 1

),

walks as (

    select * from {{ ref('int_walks') }}

),

last_seen as (

    select
        source,
        record_id,
        max(observed_at) as last_seen_at
    from outcomes
    group by source, record_id

),

missed as (

    select
        filings.as_of_date,
        filings.source,
        filings.record_id,
        filings.filing_id,
        filings.issuer_id,
        filings.filing_date,
        last_seen.last_seen_at,
        min(walks.started_at) as missed_at,
        count(*) as walks_missed
    from filings
    inner join last_seen
        on filings.source = last_seen.source
        and filings.record_id = last_seen.record_id
    inner join walks
        on filings.source = walks.source
        and filings.filing_date >= walks.window_start
        and filings.filing_date <= walks.window_end
        and walks.started_at > last_seen.last_seen_at
    group by
        filings.as_of_date,
        filings.source,
        filings.record_id,
        filings.filing_id,
        filings.issuer_id,
        filings.filing_date,
        last_seen.last_seen_at

)

select
    as_of_date,
    source,
    record_id,
    filing_id,
    issuer_id,
    filing_date,
    last_seen_at,
    missed_at,
    walks_missed
from missed
