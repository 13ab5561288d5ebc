-- Every day that a finished walk over closed days has covered.
with walks as (

    select distinct
        source,
        window_start,
        window_end
    from {{ ref('int_walks') }}
    where is_closed

),

days as (

    select * from {{ ref('int_days') }}

)

select distinct
    walks.source,
    days.date_day
from walks
inner join days
    on days.date_day >= walks.window_start
    and days.date_day <= walks.window_end
