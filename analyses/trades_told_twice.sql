-- Which trades were reported in several filings, and which filing counts?
select
    insider_name,
    transaction_date,
    transaction_type,
    shares,
    price,
    currency,
    standing_filing_id as filing_that_counts,
    filing_id as duplicate,
    available_at as duplicate_known_at
from {{ ref('duplicate_lines') }}
order by transaction_date desc, transaction_id asc
