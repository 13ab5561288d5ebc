-- How many insiders bought on the same terms as a line, at its price or in its lot, between every two changes of what stands of their day.
with purchases as (

    select * from {{ ref('int_crowded_purchases') }}

),

segments as (

    {{ spans_between_changes('purchases', ['day_key']) }}

),

standing as (

    select
        purchases.transaction_id,
        purchases.version_number,
        purchases.day_key,
        purchases.price,
        purchases.currency,
        purchases.shares,
        purchases.buyer,
        segments.valid_from,
        segments.valid_to
    from segments
    inner join purchases
        on segments.day_key = purchases.day_key
        and {{ holds_on('segments.valid_from', 'purchases') }}

),

at_prices as (

    select
        day_key,
        valid_from,
        price,
        currency,
        count(distinct buyer) as buyers
    from standing
    group by day_key, valid_from, price, currency

),

in_lots as (

    select
        day_key,
        valid_from,
        shares,
        count(distinct buyer) as buyers
    from standing
    group by day_key, valid_from, shares

)

select
    standing.transaction_id,
    standing.version_number,
    standing.valid_from,
    standing.valid_to,
    -- What is not stated is shared with nobody.
    greatest(coalesce(at_prices.buyers, 1), coalesce(in_lots.buyers, 1), 1) as same_terms_buyers
from standing
left join at_prices
    on standing.day_key = at_prices.day_key
    and standing.valid_from = at_prices.valid_from
    and standing.price = at_prices.price
    and standing.currency is not distinct from at_prices.currency
left join in_lots
    on standing.day_key = in_lots.day_key
    and standing.valid_from = in_lots.valid_from
    and standing.shares = in_lots.shares
