-- The visible life of each candidate, cut at every day on which anything about its trade changes, with what it is in between.
with candidates as (

    select * from {{ ref('int_duplicate_candidates') }}

),

boundaries as (

    select
        trade_key,
        available_date as valid_from
    from candidates
    union
    select
        trade_key,
        superseded_date as valid_from
    from candidates
    where superseded_date is not null
    union
    select
        trade_key,
        supersedes_from as valid_from
    from candidates
    where supersedes_from is not null

),

segments as (

    select
        trade_key,
        valid_from,
        lead(valid_from) over (partition by trade_key order by valid_from) as valid_to
    from boundaries

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
        and candidates.available_date <= segments.valid_from
    where candidates.superseded_date is null or segments.valid_from < candidates.superseded_date

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
