-- The world: prices that jump where no split in their file says so. The mart is suspect_prices.
{{ config(
    severity='warn', tags=['event_study'],
    meta={
        'says': 'prices jump and no split explains it',
        'look_at': 'suspect_prices',
        'then': 'mend the price file, or add the split to it'
    }
) }}

select *
from {{ ref('suspect_prices') }}
