with scores as (

    select * from {{ ref('issuer_scores') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

issuers as (

    select * from {{ ref('issuers') }}

),

contributions as (

    select
        buy_days.source,
        buy_days.issuer_id,
        buy_days.signal_date,
        {{ ordered_list('distinct buy_days.transaction_id', 'buy_days.transaction_id', ', ') }} as transaction_ids
    from {{ ref('int_buy_days') }} as buy_days
    inner join as_of on buy_days.signal_date = as_of.as_of_date
    group by buy_days.source, buy_days.issuer_id, buy_days.signal_date

)

select
    as_of.as_of_date,
    scores.rank,
    scores.rank_in_market,
    scores.source,
    scores.issuer_id,
    issuers.issuer_name,
    issuers.ticker,
    scores.market,
    scores.score,
    scores.total_buy_value,
    scores.base_currency,
    scores.distinct_buyers,
    scores.senior_buyer_flag,
    scores.last_buy_date,
    scores.days_since_last_buy,
    scores.buy_lines,
    scores.unpriced_buys,
    scores.buy_value_term,
    scores.distinct_buyers_term,
    scores.senior_buyer_term,
    scores.days_since_last_buy_term,
    scores.score_version,
    scores.role_map_version,
    '{{ var("availability_clock") }}' as availability_clock,
    scores.tradable_on,
    contributions.transaction_ids,
    scores.is_source_behind
from scores
inner join as_of on scores.signal_date = as_of.as_of_date
inner join contributions
    on scores.source = contributions.source
    and scores.issuer_id = contributions.issuer_id
    and scores.signal_date = contributions.signal_date
left join issuers
    on scores.source = issuers.source
    and scores.issuer_id = issuers.issuer_id
