-- The observations that decide what a filing says: EDGAR's own where there is one, for they bear the time of acceptance.
with observations as (

    select * from {{ ref('stg_sec_edgar__observations') }}

)

select *
from observations
qualify archive = 'sec_edgar' or not bool_or(archive = 'sec_edgar') over (partition by record_id)
