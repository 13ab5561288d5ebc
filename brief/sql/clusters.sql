-- The issuers of which two persons and more bought within the 14 days up to the day, and all their buys that count.
with buys as (

    select * from marts.signal_buys where valid_from <= $day and coalesce(valid_to > $day, true)

),

clusters as (

    select * from marts.buy_clusters where signal_date = $day

),

scores as (

    select * from marts.issuer_scores where signal_date = $day

)

select
    scores.rank,
    clusters.distinct_buyers as buyers,
    clusters.cluster_since,
    buys.transaction_date as traded,
    buys.value_base,
    coalesce(lines.insider_name, buys.buyer) as insider,
    buys.role,
    buys.is_senior,
    lines.issuer_name,
    clusters.source,
    clusters.issuer_id
from clusters
inner join buys
    on clusters.source = buys.source
    and clusters.issuer_id = buys.issuer_id
inner join scores
    on clusters.source = scores.source
    and clusters.issuer_id = scores.issuer_id
inner join marts.insider_transaction_versions as lines
    on buys.transaction_id = lines.transaction_id
    and buys.version_number = lines.version_number
order by clusters.distinct_buyers desc, scores.rank, traded, insider, buys.transaction_id
