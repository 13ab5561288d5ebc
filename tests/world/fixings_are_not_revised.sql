-- The world: a fixing that a newer file gives otherwise. The first archived one stands.
{{ config(
    severity='warn',
    meta={
        'says': 'ECB fixings differ from those archived before',
        'look_at': 'insider_transactions',
        'then': 'look at fx_rate there; the first fixing counts'
    }
) }}

with observations as (

    {{ committed('ecb_rates', 'observations', ['walk_id', 'page_number', 'position']) }}

)

select
    record_id,
    count(distinct content_hash) as contents
from observations
group by record_id
having count(distinct content_hash) > 1
