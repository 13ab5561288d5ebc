-- What an issuer's shares of one class usually cost, and how many are usually traded at once, as far as is visible at the as-of date.
select
    issuer_source,
    issuer_id,
    currency,
    coalesce(security_class, 'common') as security_class,
    min(market) as market,
    median(case when price > 0 then cast(price as double) end) as usual_price,
    median(case when shares > 0 then {{ as_double('shares') }} end) as usual_shares,
    count(case when price > 0 then price end) as priced_lines
from {{ ref('int_current_transactions') }}
where
    issuer_id is not null
    and not is_derivative
    and transaction_type in ('open_market_purchase', 'open_market_sale')
group by issuer_source, issuer_id, currency, coalesce(security_class, 'common')
