{{ config(materialized=kept()) }}

{%- set field_paths = feed_field_paths('filings_api') %}
{%- set fields = feed_fields(field_paths, 'line') %}
{%- set line_paths = feed_list_paths(field_paths, 'lines') %}

with nested as (

    select
        content_hash,
        load_id,
        payload,
        {{ json_texts('payload', json_field_paths(fields)) }} as record_texts
    from {{ ref('stg_filings_api__payloads') }}
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

elements as (

    {{ json_elements('nested', 'payload', line_paths, ['content_hash', 'load_id', 'record_texts']) }}

    union all

    -- A flat record is its one line.
    select
        content_hash,
        load_id,
        null as record_texts,
        payload as element,
        cast(1 as bigint) as ordinal
    from flat

),

read as (

    select
        content_hash,
        load_id,
        ordinal as line_ordinal,
        {{ json_is_object('element') }} as is_readable,
        {{ json_texts('element', json_field_paths(fields)) }} as texts,
        record_texts
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
