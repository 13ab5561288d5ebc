-- The world: buys in the signal without a currency, which add no money until the feed's default_currency says it. The mart is insider_transactions.
{{ config(severity='warn') }}

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
