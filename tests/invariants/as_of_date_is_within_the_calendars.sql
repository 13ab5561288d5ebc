-- Sessions and business days are known only as far as the calendar seeds reach; thirty days of them must lie ahead.
-- If this fails, run scripts/make_calendars.py with newer libraries and move the variable calendar_end_date.
select
    as_of.as_of_date,
    hours.exchange_calendar,
    max(hours.valid_to) as known_before
from {{ ref('int_as_of') }} as as_of
inner join {{ ref('exchange_hours') }} as hours on as_of.as_of_date is not null
group by as_of.as_of_date, hours.exchange_calendar
having max(hours.valid_to) <= as_of.as_of_date + 30
