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
            {{ json_field_texts('payload', fields) }} as texts
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

    ),

    -- An instant is asked for more than once, and read once.
    dated as (

        select
            located.*,
            {% for name in times -%}
            {{ parse_instant('located.' ~ name ~ '_text', 'markets.time_zone', timestamp_zone) }} as {{ name }}_instant,
            {% endfor -%}
            markets.time_zone,
            markets.day_zone,
            markets.cut_off
        from located
        inner join markets on located.market_settings = markets.market

    )

    select
        dated.content_hash,
        -- Rows that only a number tells apart (setting record_id) are lines of one filing.
        coalesce(dated.filing_id, regexp_replace(dated.record_id, ':position [0-9]+$', '')) as filing_id,
        dated.issuer_id,
        dated.issuer_name,
        {{ clean_ticker('dated.ticker') }} as ticker,
        dated.market,
        dated.market_settings,
        dated.amends_id,
        cast(null as string) as form_type,
        cast(null as string) as schema_version,
        cast(null as string) as raw_original_date,
        cast(null as date) as original_date,
        true as is_signal_form,
        dated.status as raw_status,
        dated.url,
        cast(null as boolean) as is_registered_fund,
        dated.unreadable_names,
        dated.filing_date as raw_filing_date,
        {{ parse_day('dated.filing_date_text', 'dated.filing_date_instant', 'dated.day_zone', true, timestamp_zone) }} as filing_date,
        dated.published_at as raw_published_at,
        {{ parse_timestamp('dated.published_at_text', 'dated.published_at_instant', 'dated.time_zone', 'dated.cut_off') }} as published_at,
        dated.accepted_at as raw_accepted_at,
        {{ parse_timestamp('dated.accepted_at_text', 'dated.accepted_at_instant', 'dated.time_zone', 'dated.cut_off') }} as accepted_at,
        dated.created_at as raw_created_at,
        {{ parse_timestamp('dated.created_at_text', 'dated.created_at_instant', 'dated.time_zone', 'dated.cut_off') }} as created_at,
        dated.updated_at as raw_updated_at,
        {{ parse_timestamp('dated.updated_at_text', 'dated.updated_at_instant', 'dated.time_zone', 'dated.cut_off') }} as updated_at,
        coalesce(
            {% for name in ['updated_at', 'published_at', 'accepted_at', 'created_at'] -%}
            {{ earliest_timestamp('dated.' ~ name ~ '_text', 'dated.' ~ name ~ '_instant', 'dated.time_zone') }}{{ ',' if not loop.last }}
            {% endfor %}
        ) as earliest_source_time
    from dated
) as staged
{{ 'union all' if not loop.last }}
{% endfor %}
