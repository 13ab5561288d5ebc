-- The world: days not loaded, or business days without filings where there usually are some. The mart is filing_counts.
{{ config(severity='warn') }}

select *
from {{ ref('filing_counts') }}
where gap is not null
