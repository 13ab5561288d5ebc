-- How much a dated amendment resembles what it may amend.
with candidates as (

    select * from {{ ref('int_dated_amendment_candidates') }}

),

lines as (

    select * from {{ ref('int_dated_lines') }}

),

counts as (

    select
        source,
        record_id,
        version_number,
        count(*) as line_count
    from lines
    group by source, record_id, version_number

),

resemblances as (

    select
        candidates.source,
        candidates.record_id,
        candidates.version_number,
        candidates.amended_record_id,
        candidates.amended_version_number,
        count(distinct case when lines.line_key = amended.line_key then lines.line_ordinal end) as equal_lines,
        count(distinct case
            when lines.holding_kind = amended.holding_kind and lines.shares_owned_before = amended.shares_owned_before then lines.line_ordinal
        end) as lines_of_one_holding,
        count(distinct case when lines.trade_kind = amended.trade_kind and lines.shares = amended.shares then lines.line_ordinal end)
            as lines_of_equal_shares,
        count(distinct case when lines.trade_kind = amended.trade_kind and lines.price = amended.price then lines.line_ordinal end)
            as lines_of_equal_price
    from candidates
    inner join lines
        on candidates.source = lines.source
        and candidates.record_id = lines.record_id
        and candidates.version_number = lines.version_number
    inner join lines as amended
        on candidates.source = amended.source
        and candidates.amended_record_id = amended.record_id
        and candidates.amended_version_number = amended.version_number
    group by
        candidates.source, candidates.record_id, candidates.version_number, candidates.amended_record_id, candidates.amended_version_number

)

select
    candidates.*,
    coalesce(counts.line_count, 0) as line_count,
    coalesce(amended_counts.line_count, 0) as amended_line_count,
    coalesce(resemblances.equal_lines, 0) as equal_lines,
    coalesce(resemblances.lines_of_one_holding, 0) as lines_of_one_holding,
    coalesce(resemblances.lines_of_equal_shares, 0) as lines_of_equal_shares,
    coalesce(resemblances.lines_of_equal_price, 0) as lines_of_equal_price
from candidates
left join counts
    on candidates.source = counts.source
    and candidates.record_id = counts.record_id
    and candidates.version_number = counts.version_number
left join counts as amended_counts
    on candidates.source = amended_counts.source
    and candidates.amended_record_id = amended_counts.record_id
    and candidates.amended_version_number = amended_counts.version_number
left join resemblances
    on candidates.source = resemblances.source
    and candidates.record_id = resemblances.record_id
    and candidates.version_number = resemblances.version_number
    and candidates.amended_record_id = resemblances.amended_record_id
    and candidates.amended_version_number = resemblances.amended_version_number
