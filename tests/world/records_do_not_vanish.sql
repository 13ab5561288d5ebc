-- The world: records that the source no longer serves. The mart is vanished_records.
{{ config(severity='warn') }}

select *
from {{ ref('vanished_records') }}
