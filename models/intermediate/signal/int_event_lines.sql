-- Each line version of an event, for as long as it stands.
with transactions as (

    select * from {{ ref('int_transaction_exclusions') }}
    where not is_cancelled

),

standing as (

    select * from {{ ref('int_transaction_spans') }}
    where not is_duplicate

)

select
    transactions.event_id as event_key,
    transactions.transaction_id,
    transactions.version_number,
    transactions.value_base,
    transactions.exclusion_reason,
    standing.valid_from,
    standing.valid_to
from transactions
inner join standing
    on {{ same_transaction_version('transactions', 'standing') }}
