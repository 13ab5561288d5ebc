-- Whose filing it is needs no roles, so nothing here waits for them.
with filings as (

    select * from {{ ref('int_dated_filings') }}

),

owners as (

    select distinct
        source,
        record_id,
        version_number,
        {{ insider_key('insider_id', normalize_name('insider_name')) }} as insider_key
    from {{ ref('int_owner_versions') }}

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
