with filing_versions as (

    select
        *,
        {{ moment('available_date', 'available_at') }} as known_from
    from {{ ref('int_filing_versions') }}

),

links as (

    select * from {{ ref('int_amendment_links') }}

),

amended_names as (

    select distinct
        source,
        amends_id
    from links

),

steps as (

    select
        source,
        'record' as from_kind,
        record_id as from_id,
        'name' as to_kind,
        amends_id as to_id,
        known_from
    from links

    union all

    -- A name means the record of that id and the records of the filing of that id.
    select
        filing_versions.source,
        'name' as from_kind,
        amended_names.amends_id as from_id,
        'record' as to_kind,
        filing_versions.record_id as to_id,
        filing_versions.known_from
    from filing_versions
    inner join amended_names
        on filing_versions.source = amended_names.source
        and filing_versions.record_id = amended_names.amends_id

    union all

    select
        filing_versions.source,
        'name' as from_kind,
        amended_names.amends_id as from_id,
        'record' as to_kind,
        filing_versions.record_id as to_id,
        filing_versions.known_from
    from filing_versions
    inner join amended_names
        on filing_versions.source = amended_names.source
        and filing_versions.filing_id = amended_names.amends_id

)

select
    source,
    from_kind,
    from_id,
    to_kind,
    to_id,
    min(known_from) as known_from
from steps
group by source, from_kind, from_id, to_kind, to_id
