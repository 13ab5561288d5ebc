{{ config(materialized='table') }}

with observations as (

    select * from {{ ref('stg_sec_edgar__observations') }}

)

select
    archive,
    content_hash,
    any_value(record_id) as record_id,
    any_value(payload) as payload
from observations
group by archive, content_hash
