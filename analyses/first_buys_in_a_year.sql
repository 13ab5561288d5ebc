-- Which buys of the last 30 days are the first that this insider made in this issuer for a year?
with buys as (

    select
        *,
        max(transaction_date) over (
            partition by issuer_source, issuer_id, insider_id order by transaction_date
            range between interval 365 days preceding and interval 1 day preceding
        ) as buy_before
    from {{ ref('insider_transactions') }}
    where
        signal_exclusion_reason is null
        and not is_duplicate
        and insider_id is not null

)

select
    transaction_date,
    issuer_name,
    insider_name,
    role,
    round(sum(value_base)) as value_base
from buys
where
    buy_before is null
    and transaction_date > as_of_date - 30
group by transaction_date, issuer_name, insider_id, insider_name, role
order by value_base desc nulls last, transaction_date asc, insider_id asc, issuer_name asc, role asc
