with filing_versions as (

    select * from {{ ref('int_filing_versions') }}

),

supersessions as (

    select
        source,
        record_id,
        min(known_at) as known_at,
        min(known_date) as known_date
    from {{ ref('int_record_supersessions') }}
    group by source, record_id

),

ended as (

    select
        filing_versions.*,
        least(filing_versions.next_version_at, supersessions.known_at) as ends_at,
        least(filing_versions.next_version_date, supersessions.known_date) as ends_on
    from filing_versions
    left join supersessions
        on filing_versions.source = supersessions.source
        and filing_versions.record_id = supersessions.record_id

)

-- A version that arrives after its amendment is never visible: its time ends where it begins.
select
    source,
    record_id,
    version_number,
    case when ends_at is not null then greatest(ends_at, available_at) end as superseded_at,
    case when ends_on is not null then greatest(ends_on, available_date) end as superseded_date
from ended
