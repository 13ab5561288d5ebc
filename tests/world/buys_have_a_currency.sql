-- The world: buys in the signal without a currency, which add no money until the feed's default_currency says it. The mart is insider_transactions.
{{ config(
    severity='warn',
    meta={
        'says': 'buys without a currency add no value to the score',
        'look_at': 'insider_transactions',
        'then': 'set default_currency of the feed'
    }
) }}

select
    transaction_id,
    transaction_date,
    market,
    value
from {{ ref('insider_transactions') }}
where
    signal_exclusion_reason is null
    and not is_duplicate
    and currency is null
