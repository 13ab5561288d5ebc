-- The world: older content served after newer. The mart is stale_observations.
{{ config(
    severity='warn',
    meta={
        'says': 'records came in an older state than before',
        'look_at': 'stale_observations',
        'then': 'ask the feed which of its servers lags; nothing old was used'
    }
) }}

select *
from {{ ref('stale_observations') }}
