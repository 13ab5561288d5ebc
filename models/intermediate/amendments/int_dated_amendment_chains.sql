-- The filing that a dated amendment was taken to amend, what that amends in turn, and so on; a chain ends where it is undecided.
with recursive choices as (

    select * from {{ ref('int_dated_amendment_choices') }}

),

steps as (

    select
        source,
        record_id,
        amended_record_id,
        is_amended_amendment,
        is_undecided,
        min(amended_place) as amended_place,
        min(known_from) as known_from
    from choices
    group by source, record_id, amended_record_id, is_amended_amendment, is_undecided

),

chains as (

    select
        source,
        record_id,
        version_number,
        link_basis,
        amended_record_id,
        amended_place,
        is_undecided,
        known_from
    from choices

    union all

    select
        chains.source,
        chains.record_id,
        chains.version_number,
        chains.link_basis,
        steps.amended_record_id,
        steps.amended_place,
        steps.is_undecided,
        greatest(chains.known_from, steps.known_from) as known_from
    from chains
    inner join steps
        on chains.source = steps.source
        and chains.amended_record_id = steps.record_id
        and chains.record_id <> steps.amended_record_id
        and not chains.is_undecided
        -- Versions of one filing may say different times: without this, two amendments could amend each other without an end.
        and (chains.amended_place > steps.amended_place or not steps.is_amended_amendment)

)

select
    source,
    record_id,
    version_number,
    link_basis,
    amended_record_id,
    is_undecided,
    min(known_from) as known_from
from chains
group by source, record_id, version_number, link_basis, amended_record_id, is_undecided
