{{ config(materialized='table') }}

{%- set lines = feed_field_paths('filings_api').get('lines', 'transactions') %}
{%- set line_paths = [lines] if lines is string else lines %}

with observations as (

    select * from {{ ref('stg_filings_api__observations') }}

),

payloads as (

    select
        content_hash,
        any_value(record_id) as record_id,
        any_value(payload) as payload
    from observations
    group by content_hash

)

select
    content_hash,
    record_id,
    payload,
    {% for path in line_paths -%}
    {{ json_is_array('payload', json_path(path)) }}{{ ' or ' if not loop.last }}
    {%- endfor %} as is_nested
from payloads
