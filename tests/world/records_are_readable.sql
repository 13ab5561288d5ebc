-- The world: records that could not be read. The mart is quarantined_records.
{{ config(severity='warn') }}

select *
from {{ ref('quarantined_records') }}
