with targets as (

    select
        *,
        row_number() over (
            partition by source, target_kind, target_id order by known_from, amends_from, record_id, filing_id
        ) as place
    from {{ ref('int_amendment_targets') }}

),

records as (

    select distinct
        source,
        record_id,
        filing_id
    from targets

),

-- What amends one record of a filing leaves the others, though it comes later than they.
corrected as (

    select
        targets.source,
        targets.record_id,
        records.filing_id,
        min(targets.known_from) as known_from
    from targets
    inner join records
        on targets.source = records.source
        and targets.target_id = records.record_id
    where targets.target_kind = 'record'
    group by targets.source, targets.record_id, records.filing_id

),

claims as (

    select
        source,
        target_id as record_id,
        record_id as superseding_record_id,
        known_from
    from targets
    where target_kind = 'record'

    union all

    -- Of two amendments of one thing, the one that came to be known as such later takes the place of the other.
    select
        earlier.source,
        earlier.record_id,
        later.record_id as superseding_record_id,
        later.known_from
    from targets as earlier
    inner join targets as later
        on earlier.source = later.source
        and earlier.target_kind = later.target_kind
        and earlier.target_id = later.target_id
        and earlier.filing_id <> later.filing_id
    left join corrected
        on later.source = corrected.source
        and later.record_id = corrected.record_id
        and earlier.filing_id = corrected.filing_id
    where
        earlier.place < later.place
        and coalesce(corrected.known_from > later.known_from, true)

)

select distinct
    source,
    record_id,
    superseding_record_id,
    known_from
from claims
