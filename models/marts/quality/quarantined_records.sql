with rejects as (

    select * from {{ ref('int_rejects') }}

),

unreadable_lines as (

    select * from {{ ref('int_unreadable_lines') }}

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
