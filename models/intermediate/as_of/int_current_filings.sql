-- The filing versions that are visible at the as-of date.
with as_of as (

    select * from {{ ref('int_as_of') }}

),

filings as (

    select * from {{ ref('int_filing_versions') }}

),

visibility as (

    select * from {{ ref('int_filing_visibility') }}

)

select
    filings.source,
    filings.record_id,
    filings.version_number,
    filings.filing_id,
    filings.issuer_source,
    filings.issuer_id,
    filings.issuer_name,
    filings.ticker,
    filings.market,
    filings.market_settings,
    filings.schema_version,
    filings.filing_date,
    filings.available_at,
    filings.available_date,
    as_of.as_of_date
from filings
inner join visibility
    on {{ same_record_version('filings', 'visibility') }}
cross join as_of
where
    filings.available_date <= as_of.as_of_date
    and (visibility.superseded_date is null or as_of.as_of_date < visibility.superseded_date)
