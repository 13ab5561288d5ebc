-- What looks wrong of prices, numbers of shares and values, told and never repaired. The issuer's lines and the market's, as far as they are
-- visible at the as-of date, say what is usual; however few these are, nothing is beyond all that a share costs and a trade is worth.
with transactions as (

    select
        *,
        coalesce(security_class, 'common') as class_traded
    from {{ ref('int_current_transactions') }}
    where
        not is_derivative
        and transaction_type in ('open_market_purchase', 'open_market_sale')
        and (price is not null or shares is not null or value is not null)

),

usual_prices as (

    select * from {{ ref('int_usual_prices') }}

),

market_prices as (

    select * from {{ ref('int_market_prices') }}

),

bounds as (

    select * from {{ ref('price_bounds') }}
    where version = {{ var('mapping_versions')['price_bounds'] }}

)

select
    transactions.transaction_id,
    transactions.version_number,
    case
        when transactions.price <= 0 then 'not_positive'
        when usual_prices.priced_lines >= 3 and transactions.price > 10 * usual_prices.usual_price then 'far_above_issuer_median'
        when usual_prices.priced_lines >= 3 and transactions.price < usual_prices.usual_price / 10 then 'far_below_issuer_median'
        when transactions.price > 1000 * market_prices.usual_price then 'far_above_market_median'
        when transactions.price > bounds.highest_price then 'above_any_price'
        -- Of a currency without a bound nobody knows whether shares usually cost that much.
        when
            bounds.highest_price is null
            and transactions.price > 100000
            and coalesce(transactions.price > 100 * market_prices.usual_price, true)
            then 'over_100000'
        when transactions.shares > 100000 * market_prices.usual_shares then 'shares_far_above_market_median'
        when transactions.shares > 1000000000 then 'over_billion_shares'
        when transactions.value > bounds.highest_value then 'above_any_value'
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
-- XXX is ISO 4217's code for no currency.
left join bounds on coalesce(transactions.currency, 'XXX') = bounds.currency
