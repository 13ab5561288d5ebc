-- When each line version is visible and no duplicate: from valid_from, before valid_to (null: for ever).
with transactions as (

    select
        source,
        transaction_id,
        version_number,
        available_date,
        superseded_date
    from {{ ref('int_transaction_versions') }}

),

segments as (

    select * from {{ ref('int_duplicate_segments') }}

),

candidates as (

    select distinct
        transaction_id,
        version_number
    from {{ ref('int_duplicate_candidates') }}

)

select
    transactions.transaction_id,
    transactions.version_number,
    transactions.available_date as valid_from,
    transactions.superseded_date as valid_to
from transactions
left join candidates
    on {{ same_transaction_version('transactions', 'candidates') }}
where
    candidates.transaction_id is null
    and (transactions.superseded_date is null or transactions.available_date < transactions.superseded_date)

union all

select
    transaction_id,
    version_number,
    valid_from,
    valid_to
from segments
where not is_duplicate
