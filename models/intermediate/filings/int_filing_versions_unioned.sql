{{ config(materialized='view') }}

{% for source_name in var('filing_sources') -%}
select
    source,
    record_id,
    version_number,
    content_hash,
    filing_id,
    issuer_id,
    issuer_name,
    ticker,
    market,
    market_settings,
    amends_id,
    form_type,
    schema_version,
    original_date,
    is_signal_form,
    raw_status,
    url,
    unreadable_names,
    is_registered_fund,
    raw_filing_date,
    filing_date,
    raw_published_at,
    published_at,
    raw_accepted_at,
    accepted_at,
    raw_created_at,
    created_at,
    raw_updated_at,
    updated_at,
    has_newer_source_time,
    first_seen_at
from {{ ref('stg_' ~ source_name ~ '__filing_versions') }}
{{ 'union all' if not loop.last }}
{% endfor %}
