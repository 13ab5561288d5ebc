{{ config(materialized='view') }}

-- Joined here, where filings are: with an outer join of insiders to lines DuckDB would hold all lines, the widest of all.
with filings as (

    select * from {{ ref('int_filing_versions') }}

),

insiders as (

    select * from {{ ref('int_filing_insiders') }}

)

select
    filings.*,
    insiders.insider_id,
    insiders.insider_name,
    insiders.unreadable_names as unreadable_insider_names,
    insiders.normalized_name,
    {{ insider_key('insiders.insider_id', 'insiders.normalized_name') }} as insider_key,
    insiders.raw_role,
    case when insiders.raw_role is not null or insiders.role is not null then coalesce(insiders.role, 'other') end as role,
    insiders.seniority,
    coalesce(insiders.is_senior, false) as is_senior,
    insiders.role_rule_id,
    coalesce(insiders.owner_count, 0) as owner_count,
    coalesce(insiders.is_ten_percent_owner_only, false) as is_ten_percent_owner_only
from filings
left join insiders
    on {{ same_record_version('filings', 'insiders') }}
