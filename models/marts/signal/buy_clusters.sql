with clusters as (

    select * from {{ ref('int_buy_clusters') }}

)

select
    source,
    issuer_id,
    signal_date,
    market,
    cluster_since,
    distinct_buyers,
    senior_buyers,
    buy_lines,
    total_buy_value,
    '{{ var("base_currency") }}' as base_currency,
    first_buy_date,
    last_buy_date
from clusters
