-- The insider ids under which a name without an id is known among an issuer's visible lines, and when.
with transactions as (

    select * from {{ ref('int_transaction_versions') }}

),

nameless_ids as (

    select distinct
        issuer_source,
        issuer_id,
        normalized_name
    from transactions
    where
        insider_id is null
        and normalized_name is not null

)

select distinct
    transactions.issuer_source,
    transactions.issuer_id,
    transactions.normalized_name,
    transactions.insider_id,
    transactions.available_date as valid_from,
    transactions.superseded_date as valid_to
from transactions
inner join nameless_ids
    on transactions.issuer_source = nameless_ids.issuer_source
    and transactions.issuer_id = nameless_ids.issuer_id
    and transactions.normalized_name = nameless_ids.normalized_name
where
    transactions.insider_id is not null
    and (transactions.superseded_date is null or transactions.available_date < transactions.superseded_date)
