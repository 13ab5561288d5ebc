with days as (

    select * from {{ ref('int_days') }}

),

hours as (

    select * from {{ ref('exchange_hours') }}

),

exceptions as (

    select * from {{ ref('exchange_exceptions') }}

),

days_of_calendars as (

    select
        hours.exchange_calendar,
        days.date_day,
        hours.time_zone,
        coalesce(exceptions.opens_at, hours.opens_at) as opens_at,
        case
            when exceptions.kind = 'closed' then false
            when exceptions.kind is not null then true
            else substring(hours.trading_weekdays, cast({{ weekday('days.date_day') }} as integer), 1) = '1'
        end as is_session
    from days
    inner join hours
        on days.date_day >= hours.valid_from
        and days.date_day < hours.valid_to
    left join exceptions
        on hours.exchange_calendar = exceptions.exchange_calendar
        and days.date_day = exceptions.session_date

)

select
    exchange_calendar,
    date_day,
    is_session,
    case when is_session then {{ to_utc(at_time('date_day', 'opens_at'), 'time_zone') }} end as opens_at,
    min(case when is_session then date_day end) over (
        partition by exchange_calendar order by date_day desc
        rows between unbounded preceding and 1 preceding
    ) as next_session
from days_of_calendars
