with recursive links as (

    select * from {{ ref('int_amendment_links') }}

),

steps as (

    select * from {{ ref('int_amendment_steps') }}

),

reached as (

    select
        source,
        record_id,
        filing_id,
        known_from as amends_from,
        'name' as target_kind,
        amends_id as target_id,
        known_from,
        '|name:' || amends_id || '|' as trail
    from links

    union all

    select
        reached.source,
        reached.record_id,
        reached.filing_id,
        reached.amends_from,
        steps.to_kind as target_kind,
        steps.to_id as target_id,
        greatest(reached.known_from, steps.known_from) as known_from,
        reached.trail || steps.to_kind || ':' || steps.to_id || '|' as trail
    from reached
    inner join steps
        on reached.source = steps.source
        and reached.target_kind = steps.from_kind
        and reached.target_id = steps.from_id
    where
        not (steps.to_kind = 'record' and steps.to_id = reached.record_id)
        and not contains(reached.trail, '|' || steps.to_kind || ':' || steps.to_id || '|')

),

-- A record may come to amend the same thing by several ways; the one that was known first counts.
ranked as (

    select
        *,
        row_number() over (
            partition by source, record_id, target_kind, target_id order by known_from, amends_from, filing_id
        ) as way
    from reached

)

select
    source,
    record_id,
    filing_id,
    target_kind,
    target_id,
    known_from,
    amends_from
from ranked
where way = 1
