{%- set first_time = 'coalesce(contents.updated_at, contents.published_at, contents.accepted_at, contents.created_at)' %}
{%- set clock_time = first_time | replace('contents.updated_at, ', '') if var('availability_clock') == 'published' else first_time %}

with observations as (

    select * from {{ ref('int_observations') }}

),

contents as (

    select * from {{ ref('int_contents') }}

),

observed as (

    select
        observations.*,
        contents.fingerprint,
        -- A time that cannot be read may be the newest.
        case when not contents.has_unreadable_time then {{ first_time }} end as source_time,
        case when not contents.has_unreadable_time then contents.earliest_source_time end as earliest_source_time,
        case when not contents.has_unreadable_time then {{ clock_time }} end as clock_time
    from observations
    inner join contents
        on observations.source = contents.source
        and observations.content_hash = contents.content_hash

),

timed as (

    select
        *,
        -- A time that may be a date is older than another only if all of that day is.
        is_leading and coalesce(source_time < max(earliest_source_time) over earlier, false) as is_stale,
        is_leading and coalesce(clock_time > max(clock_time) over earlier, false) as has_newer_source_time
    from observed
    window earlier as (
        partition by source, record_id, is_leading order by observed_at, page_number, position
        rows between unbounded preceding and 1 preceding
    )

),

compared as (

    select
        *,
        lag(fingerprint) over (
            partition by source, record_id, is_leading, is_stale order by observed_at, page_number, position
        ) as fingerprint_before
    from timed

),

marked as (

    select
        *,
        -- The same filing by another route is no version of its own.
        is_leading and not is_stale and coalesce(fingerprint <> fingerprint_before, true) as starts_version
    from compared

)

select
    source,
    record_id,
    content_hash,
    walk_id,
    page_number,
    position,
    observed_at,
    has_newer_source_time,
    case when is_stale then 'stale' when starts_version then 'new_version' else 'repeat' end as outcome,
    greatest(cast(sum(case when starts_version then 1 else 0 end) over (
        partition by source, record_id, is_leading order by observed_at, page_number, position
        rows between unbounded preceding and current row
    ) as bigint), 1) as version_number
from marked
