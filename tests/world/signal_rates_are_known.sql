-- The world: buys in the signal whose value has no rate, and so adds nothing. The mart is insider_transactions (fx_status).
{{ config(
    severity='warn',
    meta={
        'says': 'buys in the signal without an exchange rate add no value to the score',
        'look_at': 'insider_transactions',
        'then': 'look at fx_status there; load newer ECB rates'
    }
) }}

select
    transaction_id,
    transaction_date,
    currency,
    value,
    fx_status
from {{ ref('insider_transactions') }}
where
    signal_exclusion_reason is null
    and not is_duplicate
    and value is not null
    and value_base is null
