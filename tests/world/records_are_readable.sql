-- The world: records that could not be read. The mart is quarantined_records.
{{ config(
    severity='warn',
    meta={
        'says': 'records that could not be read',
        'look_at': 'quarantined_records',
        'then': 'look at reason there; a setting of the feed may mend it'
    }
) }}

select *
from {{ ref('quarantined_records') }}
