with filing_versions as (

    select * from {{ ref('stg_sec_edgar__filing_versions') }}

),

records as (

    select * from {{ ref('stg_sec_edgar__records') }}

)

select
    filing_versions.source,
    filing_versions.record_id,
    filing_versions.version_number,
    records.form_type,
    records.schema_version,
    replace(records.form_type, '/A', '') as form_family,
    coalesce(records.form_type like '%/A', false) as is_amendment,
    records.date_of_original_submission as original_date,
    -- Form 3 reports holdings, Form 5 what was exempt or late: neither tells of a purchase in time.
    replace(records.form_type, '/A', '') = '4' as carries_signal
from filing_versions
inner join records on filing_versions.content_hash = records.content_hash
