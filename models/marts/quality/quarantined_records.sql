with as_of as (

    select * from {{ ref('int_as_of') }}

),

rejects as (

    select rejects.*
    from {{ ref('stg_archive__rejects') }} as rejects
    cross join as_of
    where coalesce(rejects.window_start <= as_of.as_of_date, true)

),

unreadable_lines as (

    select
        filing_versions.source,
        filing_versions.record_id,
        filing_versions.version_number,
        filing_versions.first_seen_at,
        lines.line_ordinal,
        lines.unreadable_reason as reason,
        payloads.payload
    from {{ ref('int_filing_versions') }} as filing_versions
    inner join {{ ref('int_lines') }} as lines
        on filing_versions.source = lines.source
        and filing_versions.content_hash = lines.content_hash
        and lines.unreadable_reason is not null
    inner join {{ ref('int_payloads') }} as payloads
        on lines.source = payloads.source
        and lines.content_hash = payloads.content_hash
    cross join as_of
    where coalesce(filing_versions.available_date <= as_of.as_of_date, true)

),

set_aside as (

    -- The same content set aside again on a later walk is one quarantined record.
    select
        source,
        content_hash as quarantine_id,
        reason,
        min(payload) as payload,
        min(observed_at) as first_seen_at,
        max(observed_at) as last_seen_at,
        count(*) as times_seen
    from rejects
    group by source, content_hash, reason

    union all

    select
        source,
        record_id || ':' || version_number || ':' || line_ordinal as quarantine_id,
        reason,
        payload,
        first_seen_at,
        first_seen_at as last_seen_at,
        cast(1 as bigint) as times_seen
    from unreadable_lines

)

select
    source,
    quarantine_id,
    reason,
    payload,
    first_seen_at,
    last_seen_at,
    times_seen
from set_aside
