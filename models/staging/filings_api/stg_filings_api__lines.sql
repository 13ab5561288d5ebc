{{ config(materialized=kept()) }}

{%- set field_paths = feed_field_paths('filings_api') %}
{%- set fields = feed_fields(field_paths, 'line') %}
{%- set timestamp_zone = feed_setting(field_paths, 'timestamp_zone') %}
{#- And the country of the record, whose market says on which day an instant lies. -#}
{%- set located_fields = dict(fields, country=feed_fields(field_paths, 'record')['country']) %}
{%- set countries = json_field_items(located_fields, 'coalesce(record_texts, texts)')['country'] %}
{%- set paths = json_field_paths(located_fields) %}
{%- set line_paths = feed_list_paths(field_paths, 'lines') %}

with nested as (

    select
        content_hash,
        load_id,
        payload,
        {{ json_texts('payload', paths) }} as record_texts
    from {{ ref('stg_filings_api__payloads') }}
    where
        is_nested
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
    from {{ ref('stg_filings_api__payloads') }}
    where
        not is_nested
        and {{ of_new_loads() }}

),

read as (

    select
        content_hash,
        load_id,
        ordinal as line_ordinal,
        {{ json_is_object('element') }} as is_readable,
        {{ json_texts('element', paths) }} as texts,
        record_texts
    from elements

),

fields as (

    select
        content_hash,
        load_id,
        line_ordinal,
        is_readable,
        upper({{ feed_default('coalesce(' ~ countries | join(', ') ~ ', null)', field_paths, 'default_country') }}) as market,
        {{ json_field_columns(fields, fallback_fields=fields) }}
    from read

)

select
    fields.content_hash,
    fields.load_id,
    fields.line_ordinal,
    fields.is_readable,
    fields.line_number as raw_line_number,
    fields.transaction_type as raw_transaction_type,
    fields.acquired_disposed as raw_acquired_disposed,
    {{ feed_default('fields.currency', field_paths, 'default_currency') }} as raw_currency,
    fields.ownership_nature as raw_ownership_nature,
    fields.security_type as raw_security_type,
    fields.footnotes,
    fields.transaction_date as raw_transaction_date,
    {{ parse_day('fields.transaction_date', 'markets.time_zone', 'markets.day_zone', false, timestamp_zone) }} as transaction_date,
    fields.shares as raw_shares,
    {{ parse_decimal('fields.shares', 20) }} as shares,
    fields.price as raw_price,
    {{ parse_decimal('fields.price', 18) }} as price,
    fields.value as raw_value,
    {{ parse_decimal('fields.value', 28) }} as value,
    fields.is_derivative as raw_is_derivative,
    {{ parse_boolean('fields.is_derivative') }} as is_derivative,
    fields.is_10b5_1 as raw_is_planned,
    {{ parse_boolean('fields.is_10b5_1') }} as is_planned,
    fields.linked_to_share_programme as raw_linked_to_share_programme,
    {{ parse_boolean('fields.linked_to_share_programme') }} as is_linked_to_share_programme
from fields
left join {{ ref('markets') }} as own_market on fields.market = own_market.market
inner join {{ ref('markets') }} as markets on coalesce(own_market.market, 'unknown') = markets.market
