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

),

-- Most trades are one insider's: only the others are gathered.
shared as (

    select
        source,
        issuer_source,
        issuer_id,
        transaction_date,
        shares,
        price
    from purchases
    group by source, issuer_source, issuer_id, transaction_date, shares, price
    having min(insider_key) <> max(insider_key)

)

select
    min(purchases.as_of_date) as as_of_date,
    purchases.source,
    purchases.issuer_source,
    purchases.issuer_id,
    purchases.transaction_date,
    purchases.shares,
    purchases.price,
    count(distinct purchases.insider_key) as insider_count,
    count(distinct purchases.filing_id) as filing_count,
    count(*) as line_count,
    cast(sum(case when purchases.signal_exclusion_reason is null then 1 else 0 end) as bigint) as eligible_lines,
    {{ ordered_list('purchases.transaction_id', 'purchases.transaction_id') }} as transaction_ids
from purchases
inner join shared
    on purchases.source = shared.source
    and purchases.issuer_source = shared.issuer_source
    and purchases.issuer_id = shared.issuer_id
    and purchases.transaction_date = shared.transaction_date
    and purchases.shares = shared.shares
    and purchases.price = shared.price
group by
    purchases.source,
    purchases.issuer_source,
    purchases.issuer_id,
    purchases.transaction_date,
    purchases.shares,
    purchases.price
