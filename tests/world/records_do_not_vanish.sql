-- The world: records that the source no longer serves. The mart is vanished_records.
{{ config(
    severity='warn',
    meta={
        'says': 'records that the feed no longer serves',
        'look_at': 'vanished_records',
        'then': 'ask the feed whether it withdrew them; they still count'
    }
) }}

select *
from {{ ref('vanished_records') }}
