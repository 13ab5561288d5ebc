with filing_versions as (

    select * from {{ ref('int_filing_versions') }}

),

records as (

    select
        source,
        record_id,
        filing_id,
        min(available_at) as available_at,
        min(available_date) as available_date
    from filing_versions
    group by source, record_id, filing_id

),

named as (

    select
        source,
        record_id,
        filing_id,
        amends_id,
        min(available_at) as known_at,
        min(available_date) as known_date
    from filing_versions
    where
        amends_id is not null
        and amends_id <> record_id
        and amends_id <> filing_id
    group by source, record_id, filing_id, amends_id

),

links as (

    -- The id itself, whether or not its record or filing has arrived.
    select
        source,
        record_id,
        filing_id,
        amends_id as target_id,
        known_at,
        known_date
    from named

    union all

    -- Every record of a filing that is amended as a whole, from when both are known.
    select
        named.source,
        named.record_id,
        named.filing_id,
        records.record_id as target_id,
        greatest(named.known_at, records.available_at) as known_at,
        greatest(named.known_date, records.available_date) as known_date
    from named
    inner join records
        on named.source = records.source
        and named.amends_id = records.filing_id
        and named.record_id <> records.record_id

)

select
    source,
    record_id,
    target_id,
    min(known_at) as known_at,
    min(known_date) as known_date
from links
group by source, record_id, target_id
