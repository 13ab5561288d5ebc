-- Who supersedes whom, and from when: an amendment supersedes what it amends, directly or through a chain, and of two
-- amendments of one original the later supersedes the earlier.
with ancestors as (

    select * from {{ ref('int_amendment_ancestors') }}

),

amendments as (

    select
        source,
        record_id,
        min(known_at) as known_at
    from {{ ref('int_amendment_links') }}
    group by source, record_id

),

records as (

    select
        source,
        record_id,
        min(filing_id) as filing_id
    from {{ ref('int_filing_versions') }}
    group by source, record_id

),

of_originals as (

    -- Two records that amend each other are siblings, not original and amendment.
    select
        ancestors.source,
        ancestors.target_id as record_id,
        ancestors.record_id as superseding_record_id,
        ancestors.known_at,
        ancestors.known_date
    from ancestors
    left join ancestors as way_back
        on ancestors.source = way_back.source
        and ancestors.record_id = way_back.target_id
        and ancestors.target_id = way_back.record_id
    where way_back.record_id is null

),

relatives as (

    select
        ancestors.*,
        amendments.known_at as amends_from,
        records.filing_id
    from ancestors
    inner join amendments
        on ancestors.source = amendments.source
        and ancestors.record_id = amendments.record_id
    inner join records
        on ancestors.source = records.source
        and ancestors.record_id = records.record_id

),

of_siblings as (

    select
        earlier.source,
        earlier.record_id,
        later.record_id as superseding_record_id,
        greatest(earlier.known_at, later.known_at) as known_at,
        greatest(earlier.known_date, later.known_date) as known_date
    from relatives as earlier
    inner join relatives as later
        on earlier.source = later.source
        and earlier.target_id = later.target_id
        and earlier.filing_id <> later.filing_id
    left join of_originals as chained
        on earlier.source = chained.source
        and earlier.record_id = chained.superseding_record_id
        and later.record_id = chained.record_id
    where
        chained.record_id is null
        and (
            earlier.amends_from < later.amends_from
            or (earlier.amends_from = later.amends_from and earlier.record_id < later.record_id)
        )

),

supersessions as (

    select * from of_originals
    union all
    select * from of_siblings

)

select
    supersessions.source,
    supersessions.record_id,
    supersessions.superseding_record_id,
    records.filing_id,
    superseding.filing_id as superseding_filing_id,
    min(supersessions.known_at) as known_at,
    min(supersessions.known_date) as known_date
from supersessions
inner join records
    on supersessions.source = records.source
    and supersessions.record_id = records.record_id
inner join records as superseding
    on supersessions.source = superseding.source
    and supersessions.superseding_record_id = superseding.record_id
group by
    supersessions.source,
    supersessions.record_id,
    supersessions.superseding_record_id,
    records.filing_id,
    superseding.filing_id
