-- How much of the value behind each of the first ten ranks comes from its largest buy?
select
    rank,
    issuer_name,
    count(distinct buyer) as buyers,
    round(sum(value_base)) as value_base,
    max_by(insider_name, (value_base, transaction_id)) as largest_buyer,
    round(100 * max(value_base) / nullif(sum(value_base), 0)) as percent_of_value
from {{ ref('signal_evidence') }}
where rank <= 10
group by rank, issuer_name
order by rank
