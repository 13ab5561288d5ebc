-- Which issuers entered, left or moved in the ranking since the day before, and why?
select
    change,
    ticker,
    issuer_name,
    rank_before,
    rank_now,
    round(score_now - score_before, 2) as score_change,
    reason
from {{ ref('signal_changes') }}
order by
    case change when 'new' then 1 when 'gone' then 2 else 3 end asc,
    abs(rank_now - rank_before) desc nulls last,
    coalesce(rank_now, rank_before) asc,
    issuer_id asc
