-- The world: closed windows that the source gave no count for. The mart is load_completeness.
{{ config(
    severity='warn',
    meta={
        'says': 'complete windows for which the feed gave no count',
        'look_at': 'load_completeness',
        'then': 'set second_walk for feeds that count nothing'
    }
) }}

select *
from {{ ref('load_completeness') }}
where
    is_closed
    and status <> 'verified'
