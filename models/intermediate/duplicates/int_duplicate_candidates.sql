-- Lines that could be one trade told in several filings.
with transactions as (

    select * from {{ ref('int_transaction_versions') }}

),

superseding as (

    select * from {{ ref('int_superseding_filings') }}

),

keyed as (

    select
        transactions.source,
        transactions.transaction_id,
        transactions.version_number,
        transactions.filing_id,
        transactions.available_at,
        transactions.available_date,
        transactions.superseded_date,
        superseding.supersedes_from,
        {{ fingerprint([
            'transactions.source', 'transactions.issuer_source', 'transactions.issuer_id', 'transactions.insider_key', 'transactions.transaction_date',
            'transactions.shares', 'transactions.price', 'transactions.direction', 'transactions.transaction_type',
            'transactions.normalized_security_type', 'transactions.currency', 'transactions.ownership_nature'
        ]) }} as trade_key
    from transactions
    left join superseding
        on transactions.source = superseding.source
        and transactions.filing_id = superseding.filing_id
    where
        not transactions.is_cancelled
        and transactions.issuer_id is not null
        and transactions.insider_key is not null
        and transactions.transaction_date is not null
        and transactions.shares is not null
        and transactions.price is not null
        and transactions.direction is not null

),

told_twice as (

    select trade_key
    from keyed
    group by trade_key
    having count(distinct filing_id) > 1

)

select keyed.*
from keyed
inner join told_twice on keyed.trade_key = told_twice.trade_key
