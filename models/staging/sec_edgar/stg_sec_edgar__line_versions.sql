with filing_versions as (

    select * from {{ ref('stg_sec_edgar__filing_versions') }}

),

lines as (

    select * from {{ ref('stg_sec_edgar__lines') }}

)

select
    filing_versions.source,
    filing_versions.record_id,
    filing_versions.version_number,
    lines.line_ordinal,
    lines.line_ordinal as line_number,
    lines.raw_transaction_type,
    lines.raw_acquired_disposed,
    cast(null as string) as raw_currency,
    lines.raw_ownership_nature,
    lines.raw_security_type,
    lines.footnotes,
    lines.ownership_notes,
    lines.remarks,
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
    lines.is_equity_swap,
    cast(null as boolean) as is_linked_to_share_programme
from filing_versions
inner join lines on filing_versions.content_hash = lines.content_hash
where lines.is_readable
