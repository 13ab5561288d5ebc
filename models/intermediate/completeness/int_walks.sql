{%- set sources = var('filing_sources') + ['ecb_rates'] -%}

with walks as (

    {% for source_name in sources -%}
    select * from ({{ committed(source_name, 'windows', ['walk_id']) }})
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    source,
    feed,
    walk_id,
    window_start,
    window_end,
    is_closed,
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
