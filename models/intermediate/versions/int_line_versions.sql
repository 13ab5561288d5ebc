{{ config(materialized='view') }}

with outcomes as (

    select * from {{ ref('int_observation_outcomes') }}
    where outcome = 'new_version'

),

lines as (

    select * from {{ ref('int_lines') }}
    where unreadable_reason is null

)

select
    {% for column in staged_columns('lines') if column != 'content_hash' -%}
    lines.{{ column }},
    {% endfor -%}
    outcomes.source,
    outcomes.record_id,
    outcomes.version_number
from outcomes
inner join lines
    on outcomes.source = lines.source
    and outcomes.content_hash = lines.content_hash
