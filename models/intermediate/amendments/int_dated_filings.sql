{{ config(materialized='view') }}

with filings as (

    select * from {{ ref('int_filing_versions') }}
    where form_type is not null

),

markets as (

    select * from {{ ref('markets') }}

)

select
    filings.source,
    filings.record_id,
    filings.version_number,
    filings.filing_id,
    filings.form_type,
    replace(filings.form_type, '/A', '') as form_family,
    coalesce(filings.form_type like '%/A', false) as is_amendment,
    filings.original_date,
    filings.issuer_id,
    filings.filing_date,
    filings.accepted_at,
    filings.available_date,
    markets.business_calendar,
    {{ moment('filings.available_date', 'filings.available_at') }} as available_from,
    -- In which order they were filed, whenever they were seen.
    {{ moment('filings.filing_date', 'coalesce(filings.accepted_at, cast(filings.filing_date + 2 as timestamp))') }} as filed_at
from filings
inner join markets on filings.market_settings = markets.market
