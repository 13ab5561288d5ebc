-- Which issuers have two or more persons bought within the last 14 days, as far as it was known on the as-of date?
select
    evidence.issuer_name,
    min(evidence.transaction_date) as first_buy,
    max(evidence.transaction_date) as last_buy,
    count(distinct evidence.buyer) as buyers,
    count(distinct evidence.buyer) filter (where evidence.is_senior) as senior_buyers,
    round(sum(evidence.value_base)) as value_base
from {{ ref('signal_evidence') }} as evidence
where evidence.transaction_date > evidence.as_of_date - 14
group by evidence.source, evidence.issuer_id, evidence.issuer_name
having count(distinct evidence.buyer) >= 2
order by buyers desc, value_base desc nulls last, evidence.issuer_id asc
