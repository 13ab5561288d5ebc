with filings as (

    select * from {{ ref('int_filing_versions') }}
    where form_type is not null

),

markets as (

    select * from {{ ref('markets') }}

),

business_days as (

    select * from {{ ref('int_counted_days') }}
    where day_kind = 'business'

)

select
    filings.source,
    filings.record_id,
    filings.version_number,
    filings.source || ':' || filings.record_id || ':' || filings.version_number as record_version_id,
    filings.filing_id,
    filings.form_type,
    replace(filings.form_type, '/A', '') as form_family,
    coalesce(filings.form_type like '%/A', false) as is_amendment,
    filings.original_date,
    original.day_number as original_day_number,
    filings.issuer_id,
    filings.filing_date,
    filed.day_number as filing_day_number,
    filings.accepted_at,
    filings.available_date,
    {{ moment('filings.available_date', 'filings.available_at') }} as available_from,
    -- In which order they were filed, whenever they were seen.
    {{ moment('filings.filing_date', 'coalesce(filings.accepted_at, cast(filings.filing_date + 2 as timestamp))') }} as filed_at
from filings
inner join markets on filings.market_settings = markets.market
left join business_days as original
    on markets.business_calendar = original.calendar
    and filings.original_date = original.date_day
left join business_days as filed
    on markets.business_calendar = filed.calendar
    and filings.filing_date = filed.date_day
