-- The world: filings after their deadline. The mart is filing_timeliness.
{{ config(
    severity='warn',
    meta={
        'says': 'late filings',
        'look_at': 'filing_timeliness',
        'then': 'weigh them: what is filed late tells less'
    }
) }}

select *
from {{ ref('filing_timeliness') }}
where is_late
