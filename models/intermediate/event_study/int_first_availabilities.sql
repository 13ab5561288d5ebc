-- When the trade of a line that restates another was first available: an amendment brings no trade to light that an earlier filing had.
with filings as (

    select
        source,
        record_id,
        min(available_date) as available_date
    from {{ ref('int_filing_versions') }}
    group by source, record_id

),

origins as (

    select * from {{ ref('int_line_origins') }}

)

select
    origins.source,
    origins.record_id,
    origins.version_number,
    origins.line_ordinal,
    min(earlier.available_date) as first_available_date
from origins
-- What a later version of an amendment says it amends was not known when its first one came.
inner join filings
    on origins.source = filings.source
    and origins.record_id = filings.record_id
    and filings.available_date >= {{ moment_date('origins.known_from') }}
inner join filings as earlier
    on origins.source = earlier.source
    and origins.origin_record_id = earlier.record_id
group by origins.source, origins.record_id, origins.version_number, origins.line_ordinal
