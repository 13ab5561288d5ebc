with owners as (

    select * from {{ ref('int_filing_owners') }}

),

taxonomy as (

    select * from {{ ref('roles') }}

),

most_senior as (

    select
        owners.source,
        owners.record_id,
        owners.version_number,
        owners.role,
        owners.is_senior,
        owners.role_rule_id
    from owners
    left join taxonomy on owners.role = taxonomy.role
    qualify row_number() over (
        partition by owners.source, owners.record_id, owners.version_number
        order by owners.is_senior desc, taxonomy.seniority nulls last, owners.role_rule_id nulls last, owners.owner_rank
    ) = 1

),

filings as (

    select
        source,
        record_id,
        version_number,
        count(*) as owner_count,
        min(case when is_owner_only then 1 else 0 end) = 1 as is_ten_percent_owner_only
    from owners
    group by source, record_id, version_number

)

select
    filings.source,
    filings.record_id,
    filings.version_number,
    owners.insider_id,
    owners.insider_name,
    owners.normalized_name,
    owners.raw_role,
    most_senior.role,
    most_senior.is_senior,
    most_senior.role_rule_id,
    filings.owner_count,
    filings.is_ten_percent_owner_only
from filings
inner join owners
    on filings.source = owners.source
    and filings.record_id = owners.record_id
    and filings.version_number = owners.version_number
    and owners.owner_rank = 1
inner join most_senior
    on filings.source = most_senior.source
    and filings.record_id = most_senior.record_id
    and filings.version_number = most_senior.version_number
