with filings as (

    select * from {{ ref('int_dated_filings') }}

),

owners as (

    select distinct
        source,
        record_id,
        version_number,
        {{ insider_key('insider_id', 'normalized_name') }} as insider_key
    from {{ ref('int_filing_owners') }}

)

select
    *,
    'issuer' as party_kind,
    issuer_id as party
from filings
where issuer_id is not null

union all

select
    filings.*,
    'owner' as party_kind,
    owners.insider_key as party
from filings
inner join owners
    on filings.source = owners.source
    and filings.record_id = owners.record_id
    and filings.version_number = owners.version_number
where owners.insider_key is not null
