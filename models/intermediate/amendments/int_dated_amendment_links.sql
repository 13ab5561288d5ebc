-- What a dated amendment amends: the filings of its chain, and the amendments before it that have one of these in their chains.
with chains as (

    select * from {{ ref('int_dated_amendment_chains') }}

),

filings as (

    select
        *,
        filed_at || ' ' || record_id as place
    from {{ ref('int_dated_filings') }}

),

found as (

    select * from chains

    union all

    select
        later.source,
        later.record_id,
        later.version_number,
        later.link_basis,
        earlier.record_id as amended_record_id,
        false as is_undecided,
        greatest(later.known_from, earlier.known_from) as known_from
    from chains as later
    inner join chains as earlier
        on later.source = earlier.source
        and later.amended_record_id = earlier.amended_record_id
        and later.record_id <> earlier.record_id
    where
        not later.is_undecided
        and not earlier.is_undecided

)

select
    found.source,
    found.record_id,
    found.version_number,
    amendments.record_version_id,
    amended.record_id as amended_record_id,
    amended.version_number as amended_version_number,
    amended.record_version_id as amended_record_version_id,
    amendments.record_version_id || ' ' || amended.record_version_id as link_id,
    found.link_basis,
    amended.place as amended_place,
    bool_or(found.is_undecided) as is_undecided,
    min(greatest(found.known_from, amended.available_from)) as known_from
from found
inner join filings as amendments
    on found.source = amendments.source
    and found.record_id = amendments.record_id
    and found.version_number = amendments.version_number
inner join filings as amended
    on found.source = amended.source
    and found.amended_record_id = amended.record_id
where
    not amended.is_amendment
    or amended.place < amendments.place
group by all
