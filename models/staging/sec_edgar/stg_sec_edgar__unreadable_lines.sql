with filing_versions as (

    select * from {{ ref('stg_sec_edgar__filing_versions') }}

),

lines as (

    select * from {{ ref('stg_sec_edgar__lines') }}
    where not is_readable

),

payloads as (

    select * from {{ ref('stg_sec_edgar__payloads') }}

)

select
    filing_versions.source,
    filing_versions.record_id,
    filing_versions.version_number,
    lines.line_ordinal,
    'row_of_no_known_kind' as reason,
    payloads.payload,
    filing_versions.first_seen_at
from filing_versions
inner join lines on filing_versions.content_hash = lines.content_hash
inner join payloads on filing_versions.content_hash = payloads.content_hash
