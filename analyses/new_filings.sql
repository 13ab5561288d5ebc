-- Which lines became known in the last week, in the order in which the market could see them?
select
    available_at,
    transaction_date,
    ticker,
    issuer_name,
    insider_name,
    transaction_type,
    shares,
    price,
    currency,
    round(value_base) as value_base,
    signal_exclusion_reason
from {{ ref('insider_transactions') }}
where
    available_date > as_of_date - 7
    and not is_duplicate
order by available_at desc, transaction_id asc
