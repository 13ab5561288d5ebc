-- How did score and rank of the issuer that now is first develop over the last 30 days?
with leaders as (

    select
        source,
        issuer_id,
        issuer_name
    from {{ ref('daily_insider_signal') }}
    where rank = 1

)

select
    scores.signal_date,
    leaders.issuer_name,
    scores.rank,
    round(scores.score, 2) as score,
    scores.distinct_buyers,
    round(scores.total_buy_value) as total_buy_value,
    scores.days_since_last_buy
from {{ ref('issuer_scores') }} as scores
inner join leaders
    on scores.source = leaders.source
    and scores.issuer_id = leaders.issuer_id
qualify scores.signal_date > max(scores.signal_date) over () - 30
order by scores.signal_date desc
