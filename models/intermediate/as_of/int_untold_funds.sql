{{ config(materialized='view') }}

{%- set titles_of_funds = "'beneficial interest|^class ([d-z]|[a-z][a-z0-9]) (common )?(share|stock|unit)s?$'" %}

with transactions as (

    select * from {{ ref('int_current_transactions') }}

),

-- Only the SEC tells which issuers are funds, by the number of the file.
unnumbered_filings as (

    select
        source,
        record_id,
        version_number
    from {{ ref('int_filing_versions') }}
    where
        source = 'sec_edgar'
        and is_registered_fund is null

)

select
    transactions.as_of_date,
    transactions.source,
    transactions.transaction_id,
    transactions.issuer_name
from transactions
inner join unnumbered_filings
    on {{ same_record_version('transactions', 'unnumbered_filings') }}
where
    transactions.direction = 'buy'
    and transactions.issuer_name is not null
    and coalesce(transactions.security_class, 'common') = 'common'
    and {{ matches_pattern('lower(transactions.security_type)', titles_of_funds) }}
