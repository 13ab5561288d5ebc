with days as (

    select * from {{ ref('int_days') }}

),

calendars as (

    select distinct business_calendar
    from {{ ref('markets') }}

),

holidays as (

    select * from {{ ref('business_holidays') }}

),

marked as (

    select
        calendars.business_calendar,
        days.date_day,
        {{ weekday('days.date_day') }} <= 5 and holidays.holiday_date is null as is_business_day
    from days
    cross join calendars
    left join holidays
        on calendars.business_calendar = holidays.business_calendar
        and days.date_day = holidays.holiday_date

)

select
    business_calendar,
    date_day,
    is_business_day
from marked
