{{ config(materialized='table') }}

with walks as (

    {% for source_name, filing_source in all_archives().items() -%}
    select
        *,
        {{ "'" ~ filing_source ~ "'" if filing_source else 'cast(null as string)' }} as filing_source
    from ({{ committed(source_name, 'windows', ['walk_id']) }})
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    source,
    filing_source,
    feed,
    walk_id,
    window_start,
    window_end,
    -- A day is over somewhere on earth 14 hours before it is over in UTC; what a clock that was wrong called closed later is not.
    is_closed and window_end < cast({{ utc_timestamp('started_at') }} + interval 14 hour as date) as is_closed,
    {{ utc_timestamp('started_at') }} as started_at,
    {{ utc_timestamp('finished_at') }} as finished_at,
    pages_requested,
    reported_records,
    reported_pages,
    received_records,
    distinct_records,
    rejected_records,
    second_walk
from walks
