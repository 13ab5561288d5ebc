-- The world: suspect prices among the lines that enter the signal. The mart is insider_transactions (price_flag).
{{ config(severity='warn') }}

select
    transaction_id,
    price,
    currency,
    price_flag
from {{ ref('insider_transactions') }}
where
    price_flag is not null
    and signal_exclusion_reason is null
