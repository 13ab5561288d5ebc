{{ config(materialized=kept()) }}

{%- set field_paths = feed_field_paths('filings_api') %}
{%- set fields = feed_fields(field_paths, 'line') %}
{%- set lines = field_paths.get('lines', 'transactions') %}
{%- set line_paths = [lines] if lines is string else lines %}

with nested as (

    select * from {{ ref('stg_filings_api__payloads') }}
    where
        is_nested
        and {{ of_new_loads() }}

),

flat as (

    select * from {{ ref('stg_filings_api__payloads') }}
    where
        not is_nested
        and {{ of_new_loads() }}

),

line_elements as (

    {% for path in line_paths -%}
    select
        *,
        {{ loop.index }} as path_number
    from (
        {{ json_elements('nested', 'payload', json_path(path), ['content_hash', 'load_id', 'payload']) }}
    ) as elements
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

elements as (

    select
        content_hash,
        load_id,
        element,
        payload as record,
        {% if line_paths | length == 1 -%}
        ordinal as line_ordinal
        {%- else -%}
        cast(row_number() over (partition by content_hash order by path_number, ordinal) as bigint) as line_ordinal
        {%- endif %}
    from line_elements

    union all

    -- A flat record is its one line.
    select
        content_hash,
        load_id,
        payload as element,
        cast(null as string) as record,
        cast(1 as bigint) as line_ordinal
    from flat

),

read as (

    select
        content_hash,
        load_id,
        line_ordinal,
        {{ json_is_object('element') }} as is_readable,
        {{ json_texts('element', json_field_paths(fields)) }} as texts,
        {{ json_texts('record', json_field_paths(fields)) }} as record_texts
    from elements

),

fields as (

    select
        content_hash,
        load_id,
        line_ordinal,
        is_readable,
        {{ json_field_columns(fields, fallback_fields=fields) }}
    from read

)

select
    content_hash,
    load_id,
    line_ordinal,
    is_readable,
    line_number as raw_line_number,
    transaction_type as raw_transaction_type,
    acquired_disposed as raw_acquired_disposed,
    currency as raw_currency,
    ownership_nature as raw_ownership_nature,
    security_type as raw_security_type,
    footnotes,
    transaction_date as raw_transaction_date,
    {{ parse_date('transaction_date') }} as transaction_date,
    shares as raw_shares,
    {{ parse_decimal('shares', 20) }} as shares,
    price as raw_price,
    {{ parse_decimal('price', 18) }} as price,
    value as raw_value,
    {{ parse_decimal('value', 28) }} as value,
    is_derivative as raw_is_derivative,
    {{ parse_boolean('is_derivative') }} as is_derivative,
    is_10b5_1 as raw_is_planned,
    {{ parse_boolean('is_10b5_1') }} as is_planned,
    linked_to_share_programme as raw_linked_to_share_programme,
    {{ parse_boolean('linked_to_share_programme') }} as is_linked_to_share_programme
from fields
