{{ config(materialized='table') }}

{%- set line_paths = feed_list_paths(feed_field_paths('filings_api'), 'lines') %}

with payloads as (

    select
        content_hash,
        record_id,
        payload
    from ({{ committed_loads('filings_api', 'observations') }}) as observations
    -- Not an aggregate: its state would hold every payload in memory.
    qualify row_number() over (partition by content_hash order by _dlt_load_id, walk_id, page_number, position) = 1

)

select
    content_hash,
    {{ clean_text('record_id') }} as record_id,
    payload,
    {% for path in line_paths -%}
    {{ json_is_array('payload', path) }}{{ ' or ' if not loop.last }}
    {%- endfor %} as is_nested
from payloads
