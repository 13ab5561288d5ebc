with scores as (

    select * from {{ ref('issuer_scores') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

issuers as (

    select * from {{ ref('issuers') }}

),

transactions as (

    select * from {{ ref('int_current_transactions') }}

),

price_flags as (

    select * from {{ ref('int_price_flags') }}

),

contributions as (

    select
        buys.issuer_source as source,
        buys.issuer_id,
        max(transactions.same_terms_buyers) as same_terms_buyers,
        {{ ordered_list('distinct price_flags.price_flag', 'price_flags.price_flag', ', ') }} as price_flags,
        {{ ordered_list('distinct buys.transaction_id', 'buys.transaction_id', ', ') }} as transaction_ids
    from {{ ref('int_buys') }} as buys
    inner join as_of
        on {{ holds_on('as_of.as_of_date', 'buys', 'first_day', 'day_after') }}
    inner join transactions
        on {{ same_transaction_version('buys', 'transactions') }}
    left join price_flags
        on {{ same_transaction_version('buys', 'price_flags') }}
    group by buys.issuer_source, buys.issuer_id

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
    scores.buys_without_currency,
    scores.buy_value_term,
    scores.distinct_buyers_term,
    scores.senior_buyer_term,
    scores.days_since_last_buy_term,
    scores.score_version,
    scores.role_map_version,
    '{{ var("availability_clock") }}' as availability_clock,
    scores.tradable_on,
    contributions.same_terms_buyers,
    contributions.price_flags,
    contributions.transaction_ids,
    scores.is_source_behind
from scores
inner join as_of on scores.signal_date = as_of.as_of_date
inner join contributions
    on scores.source = contributions.source
    and scores.issuer_id = contributions.issuer_id
left join issuers
    on scores.source = issuers.source
    and scores.issuer_id = issuers.issuer_id
