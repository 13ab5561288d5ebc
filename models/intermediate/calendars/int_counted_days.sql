-- Every day of every calendar with its running number, so that the difference of two numbers is a lag in the calendar's own days.
with business_days as (

    select
        'business' as day_kind,
        business_calendar as calendar,
        date_day,
        is_business_day as is_counted
    from {{ ref('int_business_days') }}

),

trading_days as (

    select
        'trading' as day_kind,
        exchange_calendar as calendar,
        date_day,
        is_session as is_counted
    from {{ ref('int_sessions') }}

),

calendar_days as (

    select
        'calendar' as day_kind,
        business_calendar as calendar,
        date_day,
        true as is_counted
    from {{ ref('int_business_days') }}

),

counted as (

    select * from business_days
    union all
    select * from trading_days
    union all
    select * from calendar_days

)

select
    day_kind,
    calendar,
    date_day,
    is_counted,
    cast(sum(case when is_counted then 1 else 0 end) over (
        partition by day_kind, calendar order by date_day
        rows between unbounded preceding and current row
    ) as bigint) as day_number
from counted
