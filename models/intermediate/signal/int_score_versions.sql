select
    version,
    coalesce(max(case when term = 'log_buy_value' then weight end), 0) as log_buy_value,
    coalesce(max(case when term = 'distinct_buyers' then weight end), 0) as distinct_buyers,
    coalesce(max(case when term = 'cluster' then weight end), 0) as buyer_cluster,
    coalesce(max(case when term = 'senior_buyer' then weight end), 0) as senior_buyer,
    coalesce(max(case when term = 'days_since_last_buy' then weight end), 0) as days_since_last_buy
from {{ ref('score_weights') }}
group by version
