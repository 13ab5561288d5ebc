-- What a dated amendment amends: the filing that it was taken to amend, what that amends in turn, and the amendments of these before it.
with recursive choices as (

    select * from {{ ref('int_dated_amendment_choices') }}

),

filings as (

    select * from {{ ref('int_dated_filings') }}

),

chains as (

    select
        source,
        record_id,
        version_number,
        amended_record_id,
        known_from
    from choices
    where not is_undecided

    union all

    select
        chains.source,
        chains.record_id,
        chains.version_number,
        choices.amended_record_id,
        greatest(chains.known_from, choices.known_from) as known_from
    from chains
    inner join choices
        on chains.source = choices.source
        and chains.amended_record_id = choices.record_id
        and not choices.is_undecided

),

found as (

    select
        source,
        record_id,
        version_number,
        amended_record_id,
        known_from,
        false as is_undecided
    from chains

    union all

    select
        later.source,
        later.record_id,
        later.version_number,
        earlier.record_id as amended_record_id,
        greatest(later.known_from, earlier.known_from) as known_from,
        false as is_undecided
    from chains as later
    inner join chains as earlier
        on later.source = earlier.source
        and later.amended_record_id = earlier.amended_record_id
        and later.record_id <> earlier.record_id

    union all

    select
        source,
        record_id,
        version_number,
        amended_record_id,
        known_from,
        is_undecided
    from choices
    where is_undecided

    union all

    -- Whoever amends an undecided amendment is as undecided.
    select
        chains.source,
        chains.record_id,
        chains.version_number,
        choices.amended_record_id,
        greatest(chains.known_from, choices.known_from) as known_from,
        choices.is_undecided
    from chains
    inner join choices
        on chains.source = choices.source
        and chains.amended_record_id = choices.record_id
        and choices.is_undecided

),

bases as (

    select distinct
        source,
        record_id,
        version_number,
        link_basis
    from choices

)

select
    found.source,
    found.record_id,
    found.version_number,
    amended.record_id as amended_record_id,
    amended.version_number as amended_version_number,
    bases.link_basis,
    amended.filed_at || ' ' || amended.record_id as amended_place,
    bool_or(found.is_undecided) as is_undecided,
    min(greatest(found.known_from, amended.available_from)) as known_from
from found
inner join bases
    on found.source = bases.source
    and found.record_id = bases.record_id
    and found.version_number = bases.version_number
inner join filings as amendments
    on found.source = amendments.source
    and found.record_id = amendments.record_id
    and found.version_number = amendments.version_number
inner join filings as amended
    on found.source = amended.source
    and found.amended_record_id = amended.record_id
where
    not amended.is_amendment
    or amended.filed_at || ' ' || amended.record_id < amendments.filed_at || ' ' || amendments.record_id
group by
    found.source, found.record_id, found.version_number, amended.record_id, amended.version_number, bases.link_basis,
    amended.filed_at
