with purchases as (

    select * from {{ ref('int_current_transactions') }}
    where
        not is_derivative
        and not is_duplicate
        and not is_cancelled
        and direction = 'buy'
        and transaction_type = 'open_market_purchase'
        and issuer_id is not null
        and insider_key is not null
        and transaction_date is not null
        and shares is not null
        and price is not null

)

select
    min(as_of_date) as as_of_date,
    source,
    issuer_source,
    issuer_id,
    transaction_date,
    shares,
    price,
    count(distinct insider_key) as insider_count,
    count(distinct filing_id) as filing_count,
    count(*) as line_count,
    cast(sum(case when signal_exclusion_reason is null then 1 else 0 end) as bigint) as eligible_lines,
    {{ ordered_list('transaction_id', 'transaction_id') }} as transaction_ids
from purchases
group by source, issuer_source, issuer_id, transaction_date, shares, price
having count(distinct insider_key) > 1
