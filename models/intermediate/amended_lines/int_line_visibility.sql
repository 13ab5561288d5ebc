-- A line ends with its filing, or before it, when an amendment restates the line. What arrives after its amendment is never visible.
with lines as (

    select * from {{ ref('int_line_trades') }}

),

filings as (

    select * from {{ ref('int_filing_versions') }}

),

visibility as (

    select * from {{ ref('int_filing_visibility') }}

),

restated as (

    select
        source,
        record_id,
        version_number,
        line_ordinal,
        min(known_from) as known_from
    from {{ ref('int_line_supersessions') }}
    group by source, record_id, version_number, line_ordinal

)

select
    lines.source,
    lines.record_id,
    lines.version_number,
    lines.line_ordinal,
    least(
        visibility.superseded_at,
        case when restated.known_from is not null then greatest({{ moment_timestamp('restated.known_from') }}, filings.available_at) end
    ) as superseded_at,
    least(
        visibility.superseded_date,
        case when restated.known_from is not null then greatest({{ moment_date('restated.known_from') }}, filings.available_date) end
    ) as superseded_date
from lines
inner join filings
    on lines.source = filings.source
    and lines.record_id = filings.record_id
    and lines.version_number = filings.version_number
inner join visibility
    on lines.source = visibility.source
    and lines.record_id = visibility.record_id
    and lines.version_number = visibility.version_number
left join restated
    on lines.source = restated.source
    and lines.record_id = restated.record_id
    and lines.version_number = restated.version_number
    and lines.line_ordinal = restated.line_ordinal
