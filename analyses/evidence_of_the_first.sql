-- On which lines does the first rank rest, and where are their filings?
select
    transaction_id,
    insider_name,
    role,
    transaction_date,
    available_at,
    shares,
    price,
    currency,
    round(value_base) as value_base,
    url
from {{ ref('signal_evidence') }}
where rank = 1
order by value_base desc nulls last, transaction_id asc
