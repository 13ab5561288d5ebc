-- Prices that look wrong, told and never repaired: judged by the issuer's own prices that are visible at the as-of date.
with transactions as (

    select * from {{ ref('int_current_transactions') }}
    where
        not is_derivative
        and transaction_type in ('open_market_purchase', 'open_market_sale')
        and price is not null

),

usual_prices as (

    select
        issuer_source,
        issuer_id,
        currency,
        median(cast(price as double)) as usual_price,
        count(*) as priced_lines
    from transactions
    where price > 0
    group by issuer_source, issuer_id, currency

)

select
    transactions.transaction_id,
    transactions.version_number,
    case
        when transactions.price <= 0 then 'not_positive'
        when usual_prices.priced_lines >= 3 and transactions.price > 10 * usual_prices.usual_price then 'far_above_issuer_median'
        when usual_prices.priced_lines >= 3 and transactions.price < usual_prices.usual_price / 10 then 'far_below_issuer_median'
        when transactions.price > 100000 then 'over_100000'
    end as price_flag
from transactions
left join usual_prices
    on transactions.issuer_source = usual_prices.issuer_source
    and transactions.issuer_id = usual_prices.issuer_id
    and transactions.currency is not distinct from usual_prices.currency
