{{ config(materialized='table') }}

{% for source_name in feeds() -%}
{%- set line_paths = feed_list_paths(feed_field_paths(source_name), 'lines') %}

select
    '{{ source_name }}' as source,
    content_hash,
    {{ clean_text('record_id') }} as record_id,
    payload,
    {% for path in line_paths -%}
    {{ json_is_array('payload', path) }}{{ ' or ' if not loop.last }}
    {%- else -%}
    false
    {%- endfor %} as is_nested
from (
    select
        content_hash,
        record_id,
        payload
    from ({{ committed_loads(source_name, 'observations') }}) as observations
    -- Not an aggregate: its state would hold every payload in memory.
    qualify row_number() over (partition by content_hash order by _dlt_load_id, walk_id, page_number, position) = 1
) as payloads
{{ 'union all' if not loop.last }}
{% endfor %}
