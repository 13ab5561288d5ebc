with filings as (

    select * from {{ ref('int_record_versions') }}

),

names as (

    select distinct
        issuer_name,
        ' ' || {{ normalize_name('issuer_name') }} || ' ' as padded_name
    from filings
    where issuer_name is not null

),

phrases as (

    select * from {{ ref('fund_names') }}
    where version = {{ var('mapping_versions')['fund_names'] }}

),

fund_names as (

    select names.issuer_name
    from names
    inner join phrases on contains(names.padded_name, ' ' || phrases.phrase || ' ')
    group by names.issuer_name
    having min(case when phrases.is_fund then 1 else 0 end) = 1

)

select
    filings.source,
    filings.record_id,
    filings.version_number
from filings
left join fund_names on filings.issuer_name = fund_names.issuer_name
where
    filings.is_registered_fund
    or fund_names.issuer_name is not null
