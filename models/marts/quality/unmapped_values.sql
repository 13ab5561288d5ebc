with transactions as (

    select * from {{ ref('int_current_transactions') }}

),

owners as (

    select
        filings.as_of_date,
        owners.*
    from {{ ref('int_filing_owners') }} as owners
    inner join {{ ref('int_current_filings') }} as filings
        on owners.source = filings.source
        and owners.record_id = filings.record_id
        and owners.version_number = filings.version_number

),

statuses as (

    select * from {{ ref('status_map') }}
    where version = {{ var('mapping_versions')['status_map'] }}

),

currencies as (

    select distinct currency
    from {{ ref('stg_ecb_rates__fixings') }}

),

documents as (

    select
        filings.as_of_date,
        documents.source,
        documents.schema_version
    from {{ ref('int_scoped_filings') }} as documents
    inner join {{ ref('int_current_filings') }} as filings
        on documents.source = filings.source
        and documents.record_id = filings.record_id
        and documents.version_number = filings.version_number

),

schema_versions as (

    select * from {{ ref('schema_versions') }}

),

unmapped as (

    select
        as_of_date,
        source,
        'role_map' as seed,
        raw_role as raw_value
    from owners
    where
        raw_role is not null
        and role_rule_id is null

    union all

    select
        as_of_date,
        source,
        'transaction_type_map' as seed,
        raw_transaction_type as raw_value
    from transactions
    where
        raw_transaction_type is not null
        and transaction_type is null

    union all

    select
        as_of_date,
        source,
        'security_type_map' as seed,
        security_type as raw_value
    from transactions
    where
        security_type is not null
        and security_class is null

    union all

    select
        as_of_date,
        source,
        'markets' as seed,
        market as raw_value
    from transactions
    where
        market is not null
        and market_settings = 'unknown'

    union all

    select
        transactions.as_of_date,
        transactions.source,
        'status_map' as seed,
        transactions.raw_status as raw_value
    from transactions
    left join statuses
        on transactions.source = statuses.source
        and lower(transactions.raw_status) = statuses.raw_status
    where
        transactions.raw_status is not null
        and statuses.raw_status is null

    union all

    select
        transactions.as_of_date,
        transactions.source,
        'ecb_rates' as seed,
        transactions.currency as raw_value
    from transactions
    left join currencies on transactions.currency = currencies.currency
    where
        transactions.currency is not null
        and transactions.currency <> 'EUR'
        and currencies.currency is null

    union all

    select
        documents.as_of_date,
        documents.source,
        'schema_versions' as seed,
        documents.schema_version as raw_value
    from documents
    left join schema_versions
        on documents.source = schema_versions.source
        and documents.schema_version = schema_versions.schema_version
    where
        documents.schema_version is not null
        and schema_versions.schema_version is null

)

select
    as_of_date,
    source,
    seed,
    raw_value,
    count(*) as occurrences
from unmapped
group by as_of_date, source, seed, raw_value
