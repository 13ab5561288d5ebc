{{ config(materialized='table') }}

with observations as (

    select * from {{ ref('stg_sec_edgar__observations') }}

),

decisive as (

    select * from (
        {{ observation_outcomes(ref('stg_sec_edgar__leading_observations'), ref('stg_sec_edgar__meanings')) }}
    ) as outcomes

),

others as (

    -- The same filing by the other route is no version of its own.
    select
        observations.record_id,
        observations.content_hash,
        observations.walk_id,
        observations.page_number,
        observations.position,
        observations.observed_at,
        false as has_newer_source_time,
        'repeat' as outcome,
        cast(1 as bigint) as version_number
    from observations
    left join decisive
        on observations.walk_id = decisive.walk_id
        and observations.page_number = decisive.page_number
        and observations.position = decisive.position
    where decisive.walk_id is null

)

select * from decisive
union all
select * from others
