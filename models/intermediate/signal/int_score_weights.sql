select
    max(case when term = 'log_buy_value' then weight end) as log_buy_value,
    max(case when term = 'distinct_buyers' then weight end) as distinct_buyers,
    max(case when term = 'senior_buyer' then weight end) as senior_buyer,
    max(case when term = 'days_since_last_buy' then weight end) as days_since_last_buy
from {{ ref('score_weights') }}
where version = {{ var('score_version') }}
