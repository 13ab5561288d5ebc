with recursive links as (

    select * from {{ ref('int_amendment_links') }}

),

ancestors as (

    select
        source,
        record_id,
        target_id,
        known_at,
        known_date,
        1 as steps,
        '|' || target_id || '|' as path
    from links

    union all

    select
        ancestors.source,
        ancestors.record_id,
        links.target_id,
        greatest(ancestors.known_at, links.known_at) as known_at,
        greatest(ancestors.known_date, links.known_date) as known_date,
        ancestors.steps + 1 as steps,
        ancestors.path || links.target_id || '|' as path
    from ancestors
    inner join links
        on ancestors.source = links.source
        and ancestors.target_id = links.record_id
    where not contains(ancestors.path, '|' || links.target_id || '|')

)

select
    source,
    record_id,
    target_id,
    min(known_at) as known_at,
    min(known_date) as known_date
from ancestors
group by source, record_id, target_id
