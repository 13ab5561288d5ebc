with filing_versions as (

    select * from {{ ref('int_record_versions') }}

),

availabilities as (

    select * from {{ ref('int_record_availabilities') }}

),

statuses as (

    {{ words_of_sources('status_map', 'raw_status', ['is_cancelled']) }}

),

issuers as (

    select * from {{ ref('issuer_map') }}
    where version = {{ var('mapping_versions')['issuer_map'] }}

)

select
    filing_versions.source,
    filing_versions.record_id,
    filing_versions.version_number,
    filing_versions.content_hash,
    filing_versions.filing_id,
    coalesce(issuers.mapped_source, filing_versions.source) as issuer_source,
    coalesce(issuers.mapped_issuer_id, filing_versions.issuer_id) as issuer_id,
    filing_versions.issuer_name,
    filing_versions.ticker,
    filing_versions.market,
    filing_versions.market_settings,
    filing_versions.amends_id,
    filing_versions.form_type,
    filing_versions.schema_version,
    filing_versions.original_date,
    filing_versions.is_signal_form,
    filing_versions.raw_status,
    coalesce(statuses.is_cancelled, false) as is_cancelled,
    filing_versions.url,
    filing_versions.unreadable_names,
    filing_versions.is_registered_fund,
    filing_versions.raw_filing_date,
    filing_versions.filing_date,
    filing_versions.raw_published_at,
    filing_versions.published_at,
    filing_versions.raw_accepted_at,
    filing_versions.accepted_at,
    filing_versions.raw_created_at,
    filing_versions.created_at,
    filing_versions.raw_updated_at,
    filing_versions.updated_at,
    filing_versions.first_seen_at,
    availabilities.available_at,
    availabilities.available_date,
    availabilities.next_version_from
from filing_versions
inner join availabilities
    on {{ same_record_version('filing_versions', 'availabilities') }}
left join statuses
    on filing_versions.source = statuses.source
    and lower(filing_versions.raw_status) = statuses.raw_status
left join issuers
    on filing_versions.source = issuers.source
    and filing_versions.issuer_id = issuers.issuer_id
    and availabilities.available_date >= coalesce(issuers.valid_from, date '0001-01-01')
    and availabilities.available_date < coalesce(issuers.valid_to, date '9999-12-31')
