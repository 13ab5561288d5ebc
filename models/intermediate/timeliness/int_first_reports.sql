-- When the trade of each visible line first came, for the lines that a deadline applies to: what restates it later is not late for that.
with as_of as (

    select * from {{ ref('int_as_of') }}

),

transactions as (

    select * from {{ ref('int_current_transactions') }}
    where
        not is_cancelled
        -- What can have happened by the day on which it was known.
        and transaction_date between date '1990-01-01' and available_date

),

forms as (

    select * from {{ ref('int_scoped_filings') }}

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

-- A named amendment restates all lines; where its source scopes it, those that match.
restated as (

    select
        source,
        superseding_record_id as record_id,
        cast(null as bigint) as version_number,
        cast(null as bigint) as line_ordinal,
        record_id as restated_record_id,
        known_from
    from {{ ref('int_version_supersessions') }}

    union all

    select
        source,
        record_id,
        version_number,
        line_ordinal,
        amended_record_id as restated_record_id,
        known_from
    from {{ ref('int_line_matches') }}

),

earlier as (

    select
        transactions.transaction_id,
        min(filings.filing_date) as filing_date,
        min(filings.available_date) as available_date
    from transactions
    inner join restated
        on transactions.source = restated.source
        and transactions.record_id = restated.record_id
        and transactions.version_number = coalesce(restated.version_number, transactions.version_number)
        and transactions.line_ordinal = coalesce(restated.line_ordinal, transactions.line_ordinal)
        and transactions.as_of_date >= {{ moment_date('restated.known_from') }}
    inner join filings
        on restated.source = filings.source
        and restated.restated_record_id = filings.record_id
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
left join forms
    on transactions.source = forms.source
    and transactions.record_id = forms.record_id
    and transactions.version_number = forms.version_number
-- The deadlines are those of Form 4; other forms have terms of their own.
where coalesce(forms.carries_signal, true)
