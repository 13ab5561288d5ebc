-- When each record's trades could first have been known: a new version or an amendment brings no trade to light that an earlier filing had.
with filings as (

    select
        source,
        record_id,
        min(available_date) as available_date
    from {{ ref('int_filing_versions') }}
    group by source, record_id

),

origins as (

    select distinct
        source,
        record_id,
        origin_record_id,
        known_from
    from {{ ref('int_line_origins') }}

),

-- What a later version of an amendment says it amends was not known when its first one came.
superseded as (

    select
        filings.source,
        filings.record_id,
        min(earlier.available_date) as available_date
    from filings
    inner join origins
        on filings.source = origins.source
        and filings.record_id = origins.record_id
        and filings.available_date >= {{ moment_date('origins.known_from') }}
    inner join filings as earlier
        on origins.source = earlier.source
        and origins.origin_record_id = earlier.record_id
    group by filings.source, filings.record_id

)

select
    filings.source,
    filings.record_id,
    least(filings.available_date, superseded.available_date) as first_available_date
from filings
left join superseded
    on filings.source = superseded.source
    and filings.record_id = superseded.record_id
