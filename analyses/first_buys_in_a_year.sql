-- Which buys behind the ranking are the first that this insider made in this issuer for a year?
select
    transaction_date,
    issuer_name,
    insider_name,
    role,
    round(sum(value_base)) as value_base
from {{ ref('signal_evidence') }}
where is_first_buy
group by transaction_date, issuer_name, buyer, insider_name, role
order by value_base desc nulls last, transaction_date asc, buyer asc, issuer_name asc, role asc
