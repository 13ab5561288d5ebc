-- The scores of the ranked issuers over the last 90 days.
select
    scores.source,
    scores.issuer_id,
    date_diff('day', scores.signal_date, $day) as days_ago,
    round(scores.score, 2) as score
from marts.issuer_scores as scores
inner join marts.issuer_scores as ranked
    on scores.source = ranked.source
    and scores.issuer_id = ranked.issuer_id
    and ranked.signal_date = $day
where scores.signal_date between $day - 89 and $day
order by ranked.rank, scores.signal_date
