-- What would the ranking have been 60 days before the as-of date, from what was visible on that day alone?
with days as (

    select max(signal_date) - 60 as past_day
    from {{ ref('issuer_scores') }}

)

select
    scores.signal_date,
    scores.rank,
    scores.issuer_id,
    scores.market,
    round(scores.score, 2) as score,
    round(scores.total_buy_value) as total_buy_value,
    scores.distinct_buyers,
    scores.tradable_on
from {{ ref('issuer_scores') }} as scores
inner join days on scores.signal_date = days.past_day
order by scores.rank
