{{ config(materialized='view') }}

with filings as (

    select * from {{ ref('int_filing_versions') }}

)

select
    source,
    record_id,
    version_number,
    filing_id,
    form_type,
    schema_version,
    replace(form_type, '/A', '') as form_family,
    coalesce(form_type like '%/A', false) as is_amendment,
    original_date,
    issuer_id,
    filing_date,
    accepted_at,
    available_date,
    {{ moment('available_date', 'available_at') }} as available_from,
    -- In which order they were filed, whenever they were seen.
    {{ moment('filing_date', 'coalesce(accepted_at, cast(filing_date + 2 as timestamp))') }} || ' ' || record_id as place
from filings
where form_type is not null
