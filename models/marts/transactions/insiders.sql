with filings as (

    select * from {{ ref('int_current_filings') }}

),

owners as (

    select * from {{ ref('int_filing_owners') }}

),

known as (

    select
        owners.*,
        {{ insider_key('owners.insider_id', 'owners.normalized_name') }} as insider_key,
        filings.as_of_date,
        filings.filing_id,
        filings.issuer_source,
        filings.issuer_id,
        filings.available_at,
        filings.available_date
    from owners
    inner join filings
        on {{ same_record_version('owners', 'filings') }}

)

select
    min(as_of_date) as as_of_date,
    source,
    insider_key,
    min(insider_id) as insider_id,
    max_by(insider_name, (available_at, record_id, owner_rank)) filter (where insider_name is not null) as insider_name,
    max_by(raw_role, (available_at, record_id, owner_rank)) filter (where raw_role is not null) as last_raw_role,
    max_by(role, (available_at, record_id, owner_rank)) filter (where role is not null) as last_role,
    count(distinct issuer_source || ':' || issuer_id) as issuer_count,
    count(distinct filing_id) as filing_count,
    min(available_date) as first_available_date,
    max(available_date) as last_available_date
from known
where insider_key is not null
group by source, insider_key
