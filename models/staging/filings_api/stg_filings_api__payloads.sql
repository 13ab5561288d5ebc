{{ config(materialized=kept()) }}

{%- set line_paths = feed_list_paths(feed_field_paths('filings_api'), 'lines') %}

with observations as (

    select *
    from ({{ committed_loads('filings_api', 'observations') }}) as archived
    where {{ of_new_loads('archived._dlt_load_id') }}

),

-- Not an aggregate: its state would hold every payload in memory.
payloads as (

    select
        content_hash,
        _dlt_load_id as load_id,
        record_id,
        payload
    from observations
    qualify row_number() over (partition by content_hash order by _dlt_load_id, walk_id, page_number, position) = 1

)

select
    content_hash,
    load_id,
    {{ clean_text('record_id') }} as record_id,
    payload,
    {% for path in line_paths -%}
    {{ json_is_array('payload', path) }}{{ ' or ' if not loop.last }}
    {%- endfor %} as is_nested
from payloads
{%- if adds_rows() %}
where not exists (select 1 from {{ this }} as known where payloads.content_hash = known.content_hash)
{%- endif %}
