{{ config(materialized='table') }}

with payloads as (

    select * from {{ ref('stg_sec_edgar__payloads') }}

),

markets as (

    select * from {{ ref('markets') }}
    where market = 'US'

),

fields as (

    {% for archive in sec_archives() -%}
    {%- set fields = sec_fields(archive, 'record') -%}
    select
        archive,
        content_hash,
        record_id,
        {{ json_field_columns(fields) }}
    from (
        select
            *,
            {{ json_field_texts('payload', fields) }} as texts
        from payloads
        where archive = '{{ archive }}'
    ) as extracted
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

cleaned as (

    select
        *,
        {{ clean_cik('issuer_cik') }} as issuer_id,
        {{ clean_ticker('raw_ticker') }} as ticker,
        {{ time_text('accepted_at') }} as accepted_at_text
    from fields

)

select
    cleaned.archive,
    cleaned.content_hash,
    cleaned.record_id,
    cleaned.record_id as filing_id,
    upper(cleaned.form_type) as form_type,
    cleaned.schema_version,
    cleaned.issuer_id,
    cleaned.issuer_name,
    cleaned.raw_ticker,
    cleaned.ticker,
    markets.market,
    markets.market as market_settings,
    cast(null as string) as amends_id,
    cast(null as string) as raw_status,
    cast(null as string) as unreadable_names,
    cleaned.filing_date as raw_filing_date,
    {{ parse_date('cleaned.filing_date') }} as filing_date,
    cleaned.accepted_at as raw_accepted_at,
    {%- set instant = parse_instant('cleaned.accepted_at_text', 'markets.time_zone') %}
    {{ parse_timestamp('cleaned.accepted_at_text', instant, 'markets.time_zone', 'markets.cut_off') }} as accepted_at,
    {{ earliest_timestamp('cleaned.accepted_at_text', instant, 'markets.time_zone') }} as earliest_source_time,
    cleaned.date_of_original_submission as raw_original_date,
    {{ parse_date('cleaned.date_of_original_submission') }} as original_date,
    -- Form 3 reports holdings, Form 5 what was exempt or late: neither tells of a purchase in time.
    coalesce(replace(upper(cleaned.form_type), '/A', '') = '4', true) as is_signal_form,
    {% for time in ['published_at', 'created_at', 'updated_at'] -%}
    cast(null as string) as raw_{{ time }},
    cast(null as timestamp) as {{ time }},
    {% endfor -%}
    cleaned.is_10b5_1,
    {{ parse_boolean('cleaned.is_10b5_1') }} as is_planned,
    cleaned.remarks,
    -- The SEC numbers the files of investment companies from 811; the data sets do not tell the number.
    cleaned.file_number like '811-%' as is_registered_fund,
    'https://www.sec.gov/Archives/edgar/data/' || regexp_replace(cleaned.issuer_id, '^0+', '') || '/' || cleaned.record_id || '.txt' as url
from cleaned
cross join markets
