select
    issuer_source as source,
    min(available_date) as first_available_date
from {{ ref('int_filing_versions') }}
group by issuer_source
