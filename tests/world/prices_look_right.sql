-- The world: suspect prices among the lines that enter the signal. The mart is insider_transactions (price_flag).
{{ config(
    severity='warn',
    meta={
        'says': 'buys in the signal with a suspect price',
        'look_at': 'insider_transactions',
        'then': 'look at price_flag there, and at the filing'
    }
) }}

select
    transaction_id,
    price,
    currency,
    price_flag
from {{ ref('insider_transactions') }}
where
    price_flag is not null
    and signal_exclusion_reason is null
