with scores as (

    select * from {{ ref('int_ranked_scores') }}

)

select
    source,
    issuer_id,
    signal_date,
    market,
    total_buy_value,
    '{{ var("base_currency") }}' as base_currency,
    distinct_buyers,
    senior_buyer_flag,
    last_buy_date,
    days_since_last_buy,
    buy_lines,
    unpriced_buys,
    buys_without_currency,
    buy_value_term,
    distinct_buyers_term,
    senior_buyer_term,
    days_since_last_buy_term,
    score,
    score_version,
    role_map_version,
    rank,
    rank_in_market,
    tradable_on,
    is_source_behind
from scores
