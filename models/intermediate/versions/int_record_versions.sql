{{ config(materialized='view') }}

with outcomes as (

    select
        *,
        min(observed_at) over (partition by source, record_id) as record_first_seen_at
    from {{ ref('int_observation_outcomes') }}

),

records as (

    select * from {{ ref('int_records') }}

)

select
    outcomes.source,
    outcomes.record_id,
    outcomes.version_number,
    {% for column in staged_columns('records') -%}
    records.{{ column }},
    {% endfor -%}
    outcomes.has_newer_source_time,
    case when outcomes.version_number = 1 then outcomes.record_first_seen_at else outcomes.observed_at end as first_seen_at
from outcomes
inner join records
    on outcomes.source = records.source
    and outcomes.content_hash = records.content_hash
where outcomes.outcome = 'new_version'
