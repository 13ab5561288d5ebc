-- From which terms is the score of each of the first ten issuers added up?
select
    rank,
    ticker,
    issuer_name,
    round(buy_value_term, 2) as from_value,
    round(distinct_buyers_term, 2) as from_buyers,
    round(senior_buyer_term, 2) as from_senior,
    round(days_since_last_buy_term, 2) as from_age,
    round(score, 2) as score,
    round(total_buy_value) as total_buy_value,
    distinct_buyers,
    days_since_last_buy
from {{ ref('daily_insider_signal') }}
order by rank
limit 10
