-- The world: prices that jump where no split in their file says so. The mart is suspect_prices.
{{ config(severity='warn', tags=['event_study']) }}

select *
from {{ ref('suspect_prices') }}
