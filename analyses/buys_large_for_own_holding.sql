-- Which buys behind the ranking raised what the insider held by half or more?
select
    rank,
    issuer_name,
    insider_name,
    role,
    transaction_date,
    shares,
    shares_owned_after,
    round(100 * holding_change) as holding_change_percent,
    round(value_base) as value_base
from {{ ref('signal_evidence') }}
where holding_change >= 0.5
order by holding_change desc, rank asc, transaction_id asc
