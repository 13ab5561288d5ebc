-- The visible life of each line version; that of a candidate is cut at every day on which anything about its trade changes, with what it is
-- in between.
with transactions as (

    select
        source,
        transaction_id,
        version_number,
        available_date,
        superseded_date
    from {{ ref('int_transaction_versions') }}

),

candidates as (

    select * from {{ ref('int_duplicate_candidates') }}

),

spans as (

    {{ spans_between_changes('candidates', ['trade_key'], ['available_date', 'superseded_date', 'supersedes_from']) }}

),

visible as (

    select
        candidates.*,
        spans.valid_from,
        spans.valid_to,
        coalesce(spans.valid_from < candidates.supersedes_from, true) as takes_part
    from candidates
    inner join spans
        on candidates.trade_key = spans.trade_key
        and {{ holds_on('spans.valid_from', 'candidates', 'available_date', 'superseded_date') }}

),

counted as (

    select
        *,
        first_value(filing_id) over first_available as counted_filing_id,
        first_value(transaction_id) over first_available as counted_transaction_id
    from visible
    window first_available as (partition by trade_key, valid_from, takes_part order by available_at, transaction_id)

)

select
    source,
    transaction_id,
    version_number,
    valid_from,
    valid_to,
    takes_part and filing_id <> counted_filing_id as is_duplicate,
    case when takes_part and filing_id <> counted_filing_id then counted_transaction_id end as duplicate_of
from counted

union all

select
    transactions.source,
    transactions.transaction_id,
    transactions.version_number,
    transactions.available_date as valid_from,
    transactions.superseded_date as valid_to,
    false as is_duplicate,
    cast(null as string) as duplicate_of
from transactions
left join candidates
    on {{ same_transaction_version('transactions', 'candidates') }}
where
    candidates.transaction_id is null
    and coalesce(transactions.available_date < transactions.superseded_date, true)
