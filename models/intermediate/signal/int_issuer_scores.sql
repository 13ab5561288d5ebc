with buy_days as (

    select * from {{ ref('int_buy_days') }}

),

weights as (

    select * from {{ ref('int_score_weights') }}

),

totals as (

    select
        source,
        issuer_id,
        signal_date,
        min(market) as market,
        min(market_settings) as market_settings,
        cast(sum(coalesce(value_base, 0)) as decimal(38, 6)) as total_buy_value,
        count(distinct buyer) as distinct_buyers,
        max(case when is_senior then 1 else 0 end) as senior_buyers,
        max(role_weight) as role_weight,
        max(transaction_date) as last_buy_date,
        count(*) as buy_lines,
        cast(sum(case when value is null then 1 else 0 end) as bigint) as unpriced_buys
    from buy_days
    group by source, issuer_id, signal_date

),

terms as (

    select
        totals.*,
        totals.senior_buyers = 1 as senior_buyer_flag,
        {{ days_from('totals.last_buy_date', 'totals.signal_date') }} as days_since_last_buy,
        -- A total below zero can only come from nonsense in a feed; it must not stop the build.
        weights.log_buy_value * ln(1 + greatest(cast(totals.total_buy_value as double), 0)) as buy_value_term,
        weights.distinct_buyers * totals.distinct_buyers
        + case when totals.distinct_buyers >= 2 then weights.buyer_cluster else 0 end as distinct_buyers_term,
        totals.role_weight as senior_buyer_term,
        -- Plus zero: a weight below zero times no days is a negative zero.
        weights.days_since_last_buy * {{ days_from('totals.last_buy_date', 'totals.signal_date') }} + 0.0 as days_since_last_buy_term
    from totals
    cross join weights

)

select
    *,
    buy_value_term + distinct_buyers_term + senior_buyer_term + days_since_last_buy_term as score
from terms
