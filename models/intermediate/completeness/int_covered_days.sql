-- Every day that a finished walk over closed days has covered.
with walks as (

    select distinct
        coalesce(filing_source, source) as source,
        window_start,
        window_end
    from {{ ref('stg_archive__walks') }}
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
    on walks.window_start <= days.date_day
    and walks.window_end >= days.date_day
