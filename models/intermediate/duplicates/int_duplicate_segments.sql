-- The visible life of each candidate, cut at every day on which anything about its trade changes, with what it is in between.
with candidates as (

    select * from {{ ref('int_duplicate_candidates') }}

),

segments as (

    {{ spans_between_changes('candidates', ['trade_key'], ['available_date', 'superseded_date', 'supersedes_from']) }}

),

visible as (

    select
        candidates.*,
        segments.valid_from,
        segments.valid_to,
        coalesce(segments.valid_from < candidates.supersedes_from, true) as takes_part
    from candidates
    inner join segments
        on candidates.trade_key = segments.trade_key
        and {{ holds_on('segments.valid_from', 'candidates', 'available_date', 'superseded_date') }}

),

judged as (

    select
        *,
        first_value(filing_id) over (
            partition by trade_key, valid_from, takes_part order by available_at, transaction_id
        ) as standing_filing_id,
        first_value(transaction_id) over (
            partition by trade_key, valid_from, takes_part order by available_at, transaction_id
        ) as standing_transaction_id
    from visible

)

select
    source,
    transaction_id,
    version_number,
    trade_key,
    valid_from,
    valid_to,
    takes_part and filing_id <> standing_filing_id as is_duplicate,
    case when takes_part and filing_id <> standing_filing_id then standing_transaction_id end as duplicate_of
from judged
