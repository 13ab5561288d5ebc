-- Prices and numbers of shares that look wrong, told and never repaired: judged by the issuer's own lines of that class of share, and,
-- however few these are, by those of the market, as far as they are visible at the as-of date.
with transactions as (

    select
        *,
        coalesce(security_class, 'common') as class_traded
    from {{ ref('int_current_transactions') }}
    where
        not is_derivative
        and transaction_type in ('open_market_purchase', 'open_market_sale')
        and (price is not null or shares is not null)

),

usual_prices as (

    select * from {{ ref('int_usual_prices') }}

),

market_prices as (

    select * from {{ ref('int_market_prices') }}

)

select
    transactions.transaction_id,
    transactions.version_number,
    case
        when transactions.price <= 0 then 'not_positive'
        when usual_prices.priced_lines >= 3 and transactions.price > 10 * usual_prices.usual_price then 'far_above_issuer_median'
        when usual_prices.priced_lines >= 3 and transactions.price < usual_prices.usual_price / 10 then 'far_below_issuer_median'
        when transactions.price > 1000 * market_prices.usual_price then 'far_above_market_median'
        -- Where shares usually cost that much, as in Korean won, it says nothing.
        when transactions.price > 100000 and coalesce(transactions.price > 100 * market_prices.usual_price, true) then 'over_100000'
        when transactions.shares > 100000 * market_prices.usual_shares then 'shares_far_above_market_median'
        when transactions.shares > 1000000000 and market_prices.usual_shares is null then 'over_billion_shares'
    end as price_flag
from transactions
left join usual_prices
    on transactions.issuer_source = usual_prices.issuer_source
    and transactions.issuer_id = usual_prices.issuer_id
    and transactions.currency is not distinct from usual_prices.currency
    and transactions.class_traded = usual_prices.security_class
left join market_prices
    on transactions.market is not distinct from market_prices.market
    and transactions.currency is not distinct from market_prices.currency
    and transactions.class_traded = market_prices.security_class
