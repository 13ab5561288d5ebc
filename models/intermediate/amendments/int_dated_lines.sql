-- The lines of amendments and of what they may amend, with what tells one line from another.
with candidates as (

    select * from {{ ref('int_dated_amendment_candidates') }}

),

filings as (

    select
        source,
        record_id
    from candidates
    union
    select
        source,
        amended_record_id as record_id
    from candidates

),

lines as (

    select
        lines.source,
        lines.record_id,
        lines.version_number,
        lines.line_ordinal,
        lines.source || ':' || lines.record_id || ':' || lines.version_number as record_version_id,
        lines.transaction_date,
        lines.is_derivative,
        lines.shares,
        lines.price,
        lines.shares_owned_after,
        {{ fingerprint(['lines.is_derivative', 'lines.raw_ownership_nature']) }} as holding_kind,
        case upper(lines.raw_acquired_disposed)
            when 'A' then lines.shares_owned_after - abs(lines.shares)
            when 'D' then lines.shares_owned_after + abs(lines.shares)
        end as shares_owned_before,
        {{ fingerprint([
            'lines.transaction_date', 'lines.raw_transaction_type', 'lines.raw_acquired_disposed', 'lines.is_derivative',
            normalize_text('lines.raw_security_type')
        ]) }} as trade_kind,
        lower(coalesce(lines.remarks, '') || ' ' || coalesce(lines.footnotes, '')) as notes
    from {{ ref('int_line_versions') }} as lines
    inner join filings
        on lines.source = filings.source
        and lines.record_id = filings.record_id

)

select
    source,
    record_id,
    version_number,
    line_ordinal,
    record_version_id,
    record_version_id || ':' || line_ordinal as line_version_id,
    transaction_date,
    is_derivative,
    shares,
    price,
    shares_owned_after,
    shares_owned_before,
    holding_kind,
    trade_kind,
    -- Equal lines of one filing are numbered, so that each of them is restated once.
    {{ fingerprint([
        'trade_kind', 'shares', 'price',
        'row_number() over (partition by record_version_id, trade_kind, shares, price order by line_ordinal)'
    ]) }} as line_key,
    {{ tells_of_an_omission('notes') }} as tells_of_an_omission,
    {{ tells_of_a_correction('notes') }} as tells_of_a_correction
from lines
