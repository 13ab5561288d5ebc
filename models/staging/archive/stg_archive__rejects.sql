{{ config(materialized='table') }}

{%- set keys = ['walk_id', 'page_number', 'position'] -%}

with rejects as (

    {% for source_name in all_archives() -%}
    select * from ({{ committed(source_name, 'rejects', keys) }})
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    source,
    feed,
    walk_id,
    window_start,
    window_end,
    page_number,
    position,
    payload,
    content_hash,
    reason,
    {{ utc_timestamp('observed_at') }} as observed_at
from rejects
