-- The buys of issuers of which two persons and more bought within 14 days, looking back from each buy.
with buys as (

    select * from marts.signal_buys where valid_from <= $day and coalesce(valid_to > $day, true)

),

gathered as (

    select
        later.source,
        later.issuer_id,
        later.transaction_date,
        count(distinct earlier.buyer) as buyers
    from buys as later
    inner join buys as earlier
        on later.source = earlier.source
        and later.issuer_id = earlier.issuer_id
        and earlier.transaction_date between later.transaction_date - 13 and later.transaction_date
    group by later.source, later.issuer_id, later.transaction_date

),

clusters as (

    select
        source,
        issuer_id,
        max(buyers) as buyers
    from gathered
    group by source, issuer_id
    having max(buyers) >= 2

)

select
    scores.rank,
    clusters.buyers,
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
inner join marts.issuer_scores as scores
    on clusters.source = scores.source
    and clusters.issuer_id = scores.issuer_id
    and scores.signal_date = $day
inner join marts.insider_transaction_versions as lines
    on buys.transaction_id = lines.transaction_id
    and buys.version_number = lines.version_number
order by clusters.buyers desc, scores.rank, traded, insider, buys.transaction_id
