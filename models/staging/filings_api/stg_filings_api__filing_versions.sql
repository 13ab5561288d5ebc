with outcomes as (

    select * from {{ ref('stg_filings_api__observation_outcomes') }}

),

records as (

    select * from {{ ref('stg_filings_api__records') }}

)

select
    'filings_api' as source,
    outcomes.record_id,
    outcomes.version_number,
    outcomes.content_hash,
    records.filing_id,
    records.issuer_id,
    records.issuer_name,
    records.ticker,
    records.market,
    records.market_settings,
    records.amends_id,
    cast(null as string) as form_type,
    cast(null as string) as schema_version,
    cast(null as date) as original_date,
    true as is_signal_form,
    records.raw_status,
    records.url,
    records.unreadable_names,
    cast(null as boolean) as is_registered_fund,
    records.raw_filing_date,
    records.filing_date,
    records.raw_published_at,
    records.published_at,
    records.raw_accepted_at,
    records.accepted_at,
    records.raw_created_at,
    records.created_at,
    records.raw_updated_at,
    records.updated_at,
    outcomes.has_newer_source_time,
    outcomes.observed_at as first_seen_at
from outcomes
inner join records on outcomes.content_hash = records.content_hash
where outcomes.outcome = 'new_version'
