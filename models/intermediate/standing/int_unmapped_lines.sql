{{ config(materialized='view') }}

with transactions as (

    select * from {{ ref('int_current_transactions') }}

),

statuses as (

    select * from {{ ref('status_map') }}
    where version = {{ var('mapping_versions')['status_map'] }}

),

currencies as (

    select distinct currency
    from {{ ref('stg_ecb_rates__fixings') }}

)

select
    as_of_date,
    source,
    transaction_id,
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
    transaction_id,
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
    transaction_id,
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
    transactions.transaction_id,
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
    transactions.transaction_id,
    'ecb_rates' as seed,
    transactions.currency as raw_value
from transactions
left join currencies on transactions.currency = currencies.currency
where
    transactions.currency is not null
    and transactions.currency <> 'EUR'
    and currencies.currency is null
