{{ config(materialized=kept()) }}

{%- set lines = feed_field_paths('filings_api').get('lines', 'transactions') %}
{%- set line_paths = [lines] if lines is string else lines %}

with observations as (

    select *
    from ({{ committed_loads('filings_api', 'observations') }}) as archived
    where {{ of_new_loads('archived._dlt_load_id') }}

),

payloads as (

    select
        content_hash,
        min(_dlt_load_id) as load_id,
        any_value(record_id) as record_id,
        any_value(payload) as payload
    from observations
    group by content_hash

)

select
    content_hash,
    load_id,
    record_id,
    payload,
    {% for path in line_paths -%}
    {{ json_is_array('payload', json_path(path)) }}{{ ' or ' if not loop.last }}
    {%- endfor %} as is_nested
from payloads
{%- if adds_rows() %}
where content_hash not in (select known.content_hash from {{ this }} as known)
{%- endif %}
