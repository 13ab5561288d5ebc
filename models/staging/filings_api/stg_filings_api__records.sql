{{ config(materialized=kept()) }}

{%- set fields = feed_fields(feed_field_paths('filings_api'), 'record') %}

with payloads as (

    select * from {{ ref('stg_filings_api__payloads') }}
    where {{ of_new_loads() }}

),

markets as (

    select * from {{ ref('markets') }}

),

read as (

    select
        content_hash,
        load_id,
        record_id,
        {{ json_texts('payload', json_field_paths(fields)) }} as texts
    from payloads

),

fields as (

    select
        content_hash,
        load_id,
        record_id,
        {{ json_field_columns(fields) }}
    from read

),

located as (

    select
        fields.*,
        coalesce(markets.market, 'unknown') as market_settings
    from fields
    left join markets on upper(fields.country) = markets.market

)

select
    located.content_hash,
    located.load_id,
    coalesce(located.filing_id, located.record_id) as filing_id,
    located.issuer_id,
    located.issuer_name,
    located.ticker,
    upper(located.country) as market,
    located.market_settings,
    located.amends_id,
    located.status as raw_status,
    located.url,
    located.filing_date as raw_filing_date,
    {{ parse_date('located.filing_date') }} as filing_date,
    located.published_at as raw_published_at,
    {{ parse_timestamp('located.published_at', 'markets.time_zone', 'markets.cut_off') }} as published_at,
    located.accepted_at as raw_accepted_at,
    {{ parse_timestamp('located.accepted_at', 'markets.time_zone', 'markets.cut_off') }} as accepted_at,
    located.created_at as raw_created_at,
    {{ parse_timestamp('located.created_at', 'markets.time_zone', 'markets.cut_off') }} as created_at,
    located.updated_at as raw_updated_at,
    {{ parse_timestamp('located.updated_at', 'markets.time_zone', 'markets.cut_off') }} as updated_at
from located
inner join markets on located.market_settings = markets.market
