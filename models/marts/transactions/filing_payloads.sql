with filings as (

    select * from {{ ref('int_filing_versions') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

purchases as (

    select distinct
        source,
        record_id,
        version_number
    from {{ ref('int_transaction_exclusions') }}
    where is_share_purchase

),

payloads as (

    select * from {{ ref('int_payloads') }}

)

select
    as_of.as_of_date,
    filings.source,
    filings.filing_id,
    filings.record_id,
    filings.version_number,
    filings.form_type,
    filings.first_seen_at,
    filings.available_date,
    filings.content_hash,
    payloads.payload
from filings
inner join as_of on filings.available_date <= as_of.as_of_date
inner join purchases
    on {{ same_record_version('filings', 'purchases') }}
inner join payloads
    on filings.source = payloads.source
    and filings.content_hash = payloads.content_hash
