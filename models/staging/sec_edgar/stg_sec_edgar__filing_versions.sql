with outcomes as (

    select
        *,
        min(observed_at) over (partition by record_id) as record_first_seen_at
    from {{ ref('stg_sec_edgar__observation_outcomes') }}

),

records as (

    select * from {{ ref('stg_sec_edgar__records') }}

)

select
    'sec_edgar' as source,
    outcomes.record_id,
    outcomes.version_number,
    outcomes.content_hash,
    records.filing_id,
    records.issuer_id,
    records.issuer_name,
    records.ticker,
    records.market,
    records.market_settings,
    cast(null as string) as amends_id,
    records.form_type,
    records.schema_version,
    records.date_of_original_submission as original_date,
    -- Form 3 reports holdings, Form 5 what was exempt or late: neither tells of a purchase in time.
    coalesce(replace(records.form_type, '/A', '') = '4', true) as is_signal_form,
    cast(null as string) as raw_status,
    records.url,
    cast(null as string) as unreadable_names,
    records.is_registered_fund,
    records.raw_filing_date,
    records.filing_date,
    cast(null as string) as raw_published_at,
    cast(null as timestamp) as published_at,
    records.raw_accepted_at,
    records.accepted_at,
    cast(null as string) as raw_created_at,
    cast(null as timestamp) as created_at,
    cast(null as string) as raw_updated_at,
    cast(null as timestamp) as updated_at,
    outcomes.has_newer_source_time,
    case when outcomes.version_number = 1 then outcomes.record_first_seen_at else outcomes.observed_at end as first_seen_at
from outcomes
inner join records on outcomes.content_hash = records.content_hash
where outcomes.outcome = 'new_version'
