-- How much a dated amendment resembles what it may amend.
with candidates as (

    select * from {{ ref('int_dated_amendment_candidates') }}

),

lines as (

    select * from {{ ref('int_dated_lines') }}

),

resemblances as (

    select
        candidates.source,
        candidates.record_id,
        candidates.version_number,
        candidates.amended_record_id,
        candidates.amended_version_number,
        count(distinct lines.line_ordinal) as line_count,
        count(distinct amended.line_ordinal) as amended_line_count,
        count(distinct case when lines.line_key = amended.line_key then lines.line_ordinal end) as equal_lines,
        count(distinct case
            when lines.holding_kind = amended.holding_kind and lines.shares_owned_before = amended.shares_owned_before then lines.line_ordinal
        end) as lines_of_one_holding,
        count(distinct case when lines.trade_kind = amended.trade_kind and lines.shares = amended.shares then lines.line_ordinal end)
            as lines_of_equal_shares,
        count(distinct case when lines.trade_kind = amended.trade_kind and lines.price = amended.price then lines.line_ordinal end)
            as lines_of_equal_price
    from candidates
    left join lines
        on {{ same_record_version('candidates', 'lines') }}
    left join lines as amended
        on candidates.source = amended.source
        and candidates.amended_record_id = amended.record_id
        and candidates.amended_version_number = amended.version_number
    group by
        candidates.source, candidates.record_id, candidates.version_number, candidates.amended_record_id, candidates.amended_version_number

)

select
    candidates.link_basis,
    candidates.is_amended_amendment,
    candidates.amended_filed_at,
    candidates.known_from,
    resemblances.*
from candidates
inner join resemblances
    on {{ same_record_version('candidates', 'resemblances') }}
    and candidates.amended_record_id = resemblances.amended_record_id
    and candidates.amended_version_number = resemblances.amended_version_number
