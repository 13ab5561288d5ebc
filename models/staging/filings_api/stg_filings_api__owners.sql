{{ config(materialized='table') }}

-- Each feed is read by its own field paths.
{% for source_name in feeds() %}
{%- set field_paths = feed_field_paths(source_name) %}
{%- set fields = feed_fields(field_paths, 'owner') %}
{#- The further names of an owner's field (`id`) mean something else in the record around it. -#}
{%- set record_fields = {} %}
{%- for name, alternatives in fields.items() %}
{%- do record_fields.update({name: alternatives if alternatives is string else alternatives[0]}) %}
{%- endfor %}
{%- set owner_paths = feed_list_paths(field_paths, 'owners') %}

select
    '{{ source_name }}' as source,
    staged.*
from (
    with payloads as (

        select
            content_hash,
            payload,
            {{ json_field_texts('payload', record_fields) }} as record_texts
        from {{ ref('stg_filings_api__payloads') }}
        where source = '{{ source_name }}'

    ),

    -- A flat record names its one owner itself.
    owners as (

        {{ json_objects('payloads', 'payload', owner_paths, ['content_hash', 'record_texts']) }}

    ),

    read as (

        select
            content_hash,
            {{ json_field_texts('element', fields) }} as texts,
            record_texts
        from owners

    ),

    fields as (

        select
            content_hash,
            {{ json_field_columns(fields, fallback_fields=record_fields, of_feed=true) }}
        from read

    ),

    named as (

        select
            fields.content_hash,
            {{ plain_names('fields', ['insider_id', 'insider_name']) }},
            fields.insider_role,
            fields.is_director,
            fields.is_officer,
            fields.is_ten_percent_owner,
            fields.is_other
        from fields

    )

    select distinct
        content_hash,
        insider_id,
        insider_name,
        unreadable_names,
        insider_role as raw_role,
        {{ parse_boolean('is_director') }} as is_director,
        {{ parse_boolean('is_officer') }} as is_officer,
        {{ parse_boolean('is_ten_percent_owner') }} as is_ten_percent_owner,
        {{ parse_boolean('is_other') }} as is_other,
        {{ unreadable_flags({
            'is_director': 'is_director', 'is_officer': 'is_officer', 'is_ten_percent_owner': 'is_ten_percent_owner',
            'is_other': 'is_other'
        }) }} as unreadable_flags
    from named
    where coalesce(insider_id, insider_name, unreadable_names, insider_role, is_director, is_officer, is_ten_percent_owner, is_other) is not null
) as staged
{{ 'union all' if not loop.last }}
{% endfor %}
