with transactions as (

    select * from {{ ref('int_current_transactions') }}
    where is_duplicate

),

standing as (

    select * from {{ ref('int_current_transactions') }}

)

select
    transactions.as_of_date,
    transactions.source,
    transactions.transaction_id,
    transactions.filing_id,
    transactions.duplicate_of,
    standing.filing_id as standing_filing_id,
    transactions.issuer_id,
    transactions.insider_id,
    transactions.insider_name,
    transactions.transaction_date,
    transactions.transaction_type,
    transactions.direction,
    transactions.shares,
    transactions.price,
    transactions.currency,
    transactions.available_at,
    standing.available_at as standing_available_at
from transactions
inner join standing on transactions.duplicate_of = standing.transaction_id
