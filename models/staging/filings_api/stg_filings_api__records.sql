{{ config(materialized='table') }}

-- Each feed is read by its own field paths.
{% for source_name in feeds() %}
{%- set field_paths = feed_field_paths(source_name) %}
{%- set fields = feed_fields(field_paths, 'record') %}
{%- set times = ['filing_date', 'published_at', 'accepted_at', 'created_at', 'updated_at'] %}
{%- set timestamp_zone = feed_setting(field_paths, 'timestamp_zone') %}

select
    '{{ source_name }}' as source,
    staged.*
from (
    with payloads as (

        select * from {{ ref('stg_filings_api__payloads') }}
        where source = '{{ source_name }}'

    ),

    markets as (

        select * from {{ ref('markets') }}

    ),

    read as (

        select
            content_hash,
            record_id,
            {{ json_texts('payload', json_field_paths(fields)) }} as texts
        from payloads

    ),

    fields as (

        select
            content_hash,
            record_id,
            {{ json_field_columns(fields, of_feed=true) }}
        from read

    ),

    located as (

        select
            fields.content_hash,
            fields.record_id,
            {{ plain_names('fields', ['filing_id', 'issuer_id', 'issuer_name', 'ticker', 'amends_id']) }},
            {{ plain_text('fields.url') }} as url,
            fields.status,
            {% for name in times -%}
            fields.{{ name }},
            {{ time_text('fields.' ~ name) }} as {{ name }}_text,
            {% endfor -%}
            upper({{ feed_default('fields.country', field_paths, 'default_country') }}) as market,
            coalesce(markets.market, 'unknown') as market_settings
        from fields
        left join markets on upper({{ feed_default('fields.country', field_paths, 'default_country') }}) = markets.market

    )

    select
        located.content_hash,
        -- Rows that only a number tells apart (setting record_id) are lines of one filing.
        coalesce(located.filing_id, regexp_replace(located.record_id, ':position [0-9]+$', '')) as filing_id,
        located.issuer_id,
        located.issuer_name,
        {{ clean_ticker('located.ticker') }} as ticker,
        located.market,
        located.market_settings,
        located.amends_id,
        cast(null as string) as form_type,
        cast(null as string) as schema_version,
        cast(null as string) as raw_original_date,
        cast(null as date) as original_date,
        true as is_signal_form,
        located.status as raw_status,
        located.url,
        cast(null as boolean) as is_registered_fund,
        located.unreadable_names,
        located.filing_date as raw_filing_date,
        {{ parse_day('located.filing_date_text', 'markets.time_zone', 'markets.day_zone', true, timestamp_zone) }} as filing_date,
        located.published_at as raw_published_at,
        {{ parse_timestamp('located.published_at_text', 'markets.time_zone', 'markets.cut_off', timestamp_zone) }} as published_at,
        located.accepted_at as raw_accepted_at,
        {{ parse_timestamp('located.accepted_at_text', 'markets.time_zone', 'markets.cut_off', timestamp_zone) }} as accepted_at,
        located.created_at as raw_created_at,
        {{ parse_timestamp('located.created_at_text', 'markets.time_zone', 'markets.cut_off', timestamp_zone) }} as created_at,
        located.updated_at as raw_updated_at,
        {{ parse_timestamp('located.updated_at_text', 'markets.time_zone', 'markets.cut_off', timestamp_zone) }} as updated_at,
        coalesce(
            {% for name in ['updated_at', 'published_at', 'accepted_at', 'created_at'] -%}
            {{ earliest_timestamp('located.' ~ name ~ '_text', 'markets.time_zone', timestamp_zone) }}{{ ',' if not loop.last }}
            {% endfor %}
        ) as earliest_source_time
    from located
    inner join markets on located.market_settings = markets.market
) as staged
{{ 'union all' if not loop.last }}
{% endfor %}
