-- The world: filings after their deadline. The mart is filing_timeliness.
{{ config(severity='warn') }}

select *
from {{ ref('filing_timeliness') }}
where is_late
