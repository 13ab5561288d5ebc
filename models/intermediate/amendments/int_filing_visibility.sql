with filing_versions as (

    select * from {{ ref('int_filing_versions') }}

),

supersessions as (

    select
        source,
        record_id,
        version_number,
        min(known_from) as known_from
    from {{ ref('int_record_supersessions') }}
    group by source, record_id, version_number

),

ended as (

    select
        filing_versions.*,
        least(filing_versions.next_version_from, supersessions.known_from) as ends_from
    from filing_versions
    left join supersessions
        on filing_versions.source = supersessions.source
        and filing_versions.record_id = supersessions.record_id
        and filing_versions.version_number = supersessions.version_number

)

-- A version that arrives after its amendment is never visible: its time ends where it begins.
select
    source,
    record_id,
    version_number,
    case when ends_from is not null then greatest({{ moment_timestamp('ends_from') }}, available_at) end as superseded_at,
    case when ends_from is not null then greatest({{ moment_date('ends_from') }}, available_date) end as superseded_date
from ended
