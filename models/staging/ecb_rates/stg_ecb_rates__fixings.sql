{{ config(materialized='table') }}

with observations as (

    {{ committed('ecb_rates', 'observations', ['walk_id', 'page_number', 'position']) }}

),

fixings as (

    -- The first archived value of a day stands, so that a newer file never changes a known value.
    select
        record_id,
        payload
    from observations
    qualify row_number() over (partition by record_id order by observed_at, page_number, position) = 1

),

rates as (

    {{ json_members('fixings', 'payload', ['record_id']) }}

)

select
    try_cast(record_id as date) as fixing_date,
    name as currency,
    try_cast(value as double) as units_per_euro
from rates
where try_cast(value as double) > 0
