-- When the trade of each visible line first came, for the lines that a deadline applies to: what restates it later is not late for that.
with as_of as (

    select * from {{ ref('int_as_of') }}

),

transactions as (

    select * from {{ ref('int_current_transactions') }}
    where
        not is_cancelled
        -- The deadlines are those of Form 4; other forms have terms of their own.
        and is_signal_form
        -- What can have happened by the day on which it was known.
        and transaction_date between date '1990-01-01' and available_date

),

filings as (

    select
        versions.source,
        versions.record_id,
        min(versions.filing_date) as filing_date,
        min(versions.available_date) as available_date
    from {{ ref('int_filing_versions') }} as versions
    inner join as_of on versions.available_date <= as_of.as_of_date
    group by versions.source, versions.record_id

),

origins as (

    select * from {{ ref('int_line_origins') }}

),

earlier as (

    select
        transactions.transaction_id,
        min(filings.filing_date) as filing_date,
        min(filings.available_date) as available_date
    from transactions
    inner join origins
        on {{ same_line_version('transactions', 'origins') }}
        and transactions.as_of_date >= {{ moment_date('origins.known_from') }}
    inner join filings
        on origins.source = filings.source
        and origins.origin_record_id = filings.record_id
    group by transactions.transaction_id

)

select
    transactions.transaction_id,
    transactions.version_number,
    transactions.market,
    transactions.transaction_date,
    least(filings.filing_date, earlier.filing_date) as filing_date,
    least(filings.available_date, earlier.available_date) as available_date
from transactions
inner join filings
    on transactions.source = filings.source
    and transactions.record_id = filings.record_id
left join earlier on transactions.transaction_id = earlier.transaction_id
