with filing_versions as (

    select * from {{ ref('stg_filings_api__filing_versions') }}

),

lines as (

    select * from {{ ref('stg_filings_api__lines') }}

)

select
    filing_versions.source,
    filing_versions.record_id,
    filing_versions.version_number,
    lines.line_ordinal,
    coalesce(try_cast(lines.raw_line_number as bigint), lines.line_ordinal) as line_number,
    lines.raw_transaction_type,
    lines.raw_acquired_disposed,
    lines.raw_currency,
    lines.raw_ownership_nature,
    lines.raw_security_type,
    lines.footnotes,
    cast(null as string) as ownership_notes,
    cast(null as string) as remarks,
    lines.raw_transaction_date,
    lines.transaction_date,
    lines.raw_shares,
    lines.shares,
    lines.raw_price,
    lines.price,
    lines.raw_value,
    lines.value,
    lines.is_derivative,
    lines.is_planned,
    false as is_equity_swap,
    lines.is_linked_to_share_programme
from filing_versions
inner join lines on filing_versions.content_hash = lines.content_hash
where lines.is_readable
