-- Every record of the price archive is one close.
-- If this fails, staging dropped or multiplied prices, and returns are wrong.
with archived as (

    select count(distinct record_id) as record_count
    from ({{ committed('prices', 'observations', ['walk_id', 'page_number', 'position']) }})

),

closes as (

    select count(*) as close_count
    from {{ ref('stg_prices__closes') }}

)

select
    archived.record_count,
    closes.close_count
from archived
cross join closes
where archived.record_count <> closes.close_count
