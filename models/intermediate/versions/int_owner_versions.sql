{{ config(materialized='view') }}

with outcomes as (

    select * from {{ ref('int_observation_outcomes') }}
    where outcome = 'new_version'

),

owners as (

    select * from {{ ref('int_owners') }}

)

select
    {% for column in staged_columns('owners') if column != 'content_hash' -%}
    owners.{{ column }},
    {% endfor -%}
    outcomes.source,
    outcomes.record_id,
    outcomes.version_number
from outcomes
inner join owners
    on outcomes.source = owners.source
    and outcomes.content_hash = owners.content_hash
