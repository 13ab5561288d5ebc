-- Which ranks rest on a price, a number of shares or a value that looks wrong, or on purchases on the same terms as others?
select
    ranking.rank,
    ranking.issuer_name,
    evidence.transaction_id,
    evidence.price_flag,
    evidence.same_terms_buyers,
    evidence.shares,
    evidence.price,
    evidence.currency,
    round(100 * evidence.value_base / nullif(ranking.total_buy_value, 0)) as percent_of_value
from {{ ref('signal_evidence') }} as evidence
inner join {{ ref('daily_insider_signal') }} as ranking
    on evidence.source = ranking.source
    and evidence.issuer_id = ranking.issuer_id
where
    evidence.price_flag is not null
    or evidence.same_terms_buyers >= 3
order by ranking.rank, evidence.transaction_id
