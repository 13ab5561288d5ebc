-- Every row of the price archive is staged, and every record of which a row can be used is one close.
-- If this fails, staging dropped or multiplied prices, and returns are wrong.
with archived as (

    select count(*) as row_count
    from ({{ committed('prices', 'observations', ['walk_id', 'page_number', 'position']) }})

),

staged as (

    select
        count(*) as row_count,
        count(distinct case when reason is null then record_id end) as record_count
    from {{ ref('stg_prices__rows') }}

),

closes as (

    select count(*) as close_count
    from {{ ref('stg_prices__closes') }}

)

select
    archived.row_count,
    staged.row_count as staged_count,
    staged.record_count,
    closes.close_count
from archived
cross join staged
cross join closes
where archived.row_count <> staged.row_count or staged.record_count <> closes.close_count
