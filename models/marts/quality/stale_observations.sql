with outcomes as (

    select * from {{ ref('int_observation_outcomes') }}
    where outcome = 'stale'

)

select
    source,
    record_id,
    walk_id,
    page_number,
    position,
    content_hash,
    version_number as current_version_number,
    observed_at
from outcomes
