with filings as (

    select * from {{ ref('int_current_filings') }}

),

owners as (

    select * from {{ ref('int_filing_owners') }}

)

select
    filings.as_of_date,
    filings.source,
    filings.filing_id,
    filings.record_id,
    filings.version_number,
    owners.owner_rank,
    owners.insider_id,
    owners.insider_name,
    owners.raw_role,
    case when owners.raw_role is not null or owners.role is not null then coalesce(owners.role, 'other') end as role,
    owners.is_senior,
    owners.role_rule_id,
    cast({{ var('role_map_version') }} as integer) as role_map_version,
    owners.is_director,
    owners.is_officer,
    owners.is_ten_percent_owner,
    owners.is_other,
    owners.is_director_or_officer,
    owners.owner_rank = 1 as is_insider_of_filing
from filings
inner join owners
    on {{ same_record_version('filings', 'owners') }}
