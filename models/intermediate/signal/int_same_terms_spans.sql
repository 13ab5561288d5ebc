-- How many insiders bought on the same terms as a line, at its price or in its lot, between every two changes of what stands of their day.
with purchases as (

    select * from {{ ref('int_crowded_purchases') }}

),

spans as (

    {{ spans_between_changes('purchases', ['day_key']) }}

),

in_force as (

    select
        purchases.transaction_id,
        purchases.version_number,
        purchases.day_key,
        purchases.price,
        purchases.currency,
        purchases.shares,
        purchases.buyer,
        spans.valid_from,
        spans.valid_to
    from spans
    inner join purchases
        on spans.day_key = purchases.day_key
        and {{ holds_on('spans.valid_from', 'purchases') }}

),

at_prices as (

    select
        day_key,
        valid_from,
        price,
        currency,
        count(distinct buyer) as buyers
    from in_force
    group by day_key, valid_from, price, currency

),

in_lots as (

    select
        day_key,
        valid_from,
        shares,
        count(distinct buyer) as buyers
    from in_force
    group by day_key, valid_from, shares

)

select
    in_force.transaction_id,
    in_force.version_number,
    in_force.valid_from,
    in_force.valid_to,
    -- What is not stated is shared with nobody.
    greatest(coalesce(at_prices.buyers, 1), coalesce(in_lots.buyers, 1), 1) as same_terms_buyers
from in_force
left join at_prices
    on in_force.day_key = at_prices.day_key
    and in_force.valid_from = at_prices.valid_from
    and in_force.price = at_prices.price
    and in_force.currency is not distinct from at_prices.currency
left join in_lots
    on in_force.day_key = in_lots.day_key
    and in_force.valid_from = in_lots.valid_from
    and in_force.shares = in_lots.shares
