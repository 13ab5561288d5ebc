-- Which issuers have two or more persons bought within the last 14 days, and whose cluster is not older than a week?
select
    issuers.issuer_name,
    clusters.cluster_since,
    clusters.first_buy_date,
    clusters.last_buy_date,
    clusters.distinct_buyers,
    clusters.senior_buyers,
    round(clusters.total_buy_value) as total_buy_value
from {{ ref('buy_clusters') }} as clusters
inner join {{ ref('issuers') }} as issuers
    on clusters.source = issuers.source
    and clusters.issuer_id = issuers.issuer_id
where
    clusters.signal_date = issuers.as_of_date
    and clusters.cluster_since > issuers.as_of_date - 7
order by clusters.distinct_buyers desc, clusters.total_buy_value desc, clusters.issuer_id asc
