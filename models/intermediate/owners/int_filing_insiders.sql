with owners as (

    select * from {{ ref('int_filing_owners') }}

),

most_senior as (

    select
        *,
        row_number() over (
            partition by source, record_id, version_number
            order by is_senior desc, seniority asc nulls last, role_rule_id asc nulls last, owner_rank asc
        ) as seniority_rank
    from owners

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
    owners.unreadable_names,
    owners.normalized_name,
    owners.raw_role,
    most_senior.role,
    most_senior.seniority,
    most_senior.is_senior,
    most_senior.role_rule_id,
    filings.owner_count,
    filings.is_ten_percent_owner_only
from filings
inner join owners
    on {{ same_record_version('filings', 'owners') }}
    and owners.owner_rank = 1
inner join most_senior
    on {{ same_record_version('filings', 'most_senior') }}
    and most_senior.seniority_rank = 1
