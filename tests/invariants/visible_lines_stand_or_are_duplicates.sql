-- At the as-of date every visible line either stands or is a duplicate of one that stands.
-- If this fails, a trade was lost or counted twice between the versions and the score.
with current_transactions as (

    select * from {{ ref('int_current_transactions') }}

),

in_force as (

    select
        spans.transaction_id,
        spans.version_number
    from {{ ref('int_transaction_spans') }} as spans
    cross join {{ ref('int_as_of') }} as as_of
    where
        not spans.is_duplicate
        and {{ holds_on('as_of.as_of_date', 'spans') }}

)

select
    current_transactions.transaction_id,
    current_transactions.is_duplicate,
    in_force.transaction_id as transaction_id_in_force
from current_transactions
full outer join in_force
    on {{ same_transaction_version('current_transactions', 'in_force') }}
where (in_force.transaction_id is not null) is distinct from (not current_transactions.is_duplicate)
