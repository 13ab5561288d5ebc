-- The world: days not loaded, or business days without filings where there usually are some. The mart is filing_counts.
{{ config(
    severity='warn',
    meta={
        'says': 'days without filings where there should be some',
        'look_at': 'filing_counts',
        'then': 'load the days whose gap is not_loaded; ask the feed about the others'
    }
) }}

select *
from {{ ref('filing_counts') }}
where gap is not null
