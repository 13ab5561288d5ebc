with filing_versions as (

    select * from {{ ref('stg_sec_edgar__filing_versions') }}

),

owners as (

    select * from {{ ref('stg_sec_edgar__owners') }}

)

select
    filing_versions.source,
    filing_versions.record_id,
    filing_versions.version_number,
    owners.insider_id,
    owners.insider_name,
    owners.raw_role,
    owners.is_director,
    owners.is_officer,
    owners.is_ten_percent_owner,
    owners.is_other
from filing_versions
inner join owners on filing_versions.content_hash = owners.content_hash
