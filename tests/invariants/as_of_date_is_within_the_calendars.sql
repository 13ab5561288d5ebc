-- Sessions are known only as far as the calendar seeds reach; the as-of date and ten days after it must be covered for each
-- market that has filings.
-- If this fails, run tools/make_calendars.py with newer libraries and move the variable calendar_end_date.
select
    as_of.as_of_date,
    hours.exchange_calendar,
    max(hours.valid_to) as known_before
from {{ ref('int_as_of') }} as as_of
inner join {{ ref('markets') }} as markets on as_of.as_of_date is not null
inner join {{ ref('exchange_hours') }} as hours on markets.exchange_calendar = hours.exchange_calendar
where markets.market in (select filings.market_settings from {{ ref('int_current_filings') }} as filings)
group by as_of.as_of_date, hours.exchange_calendar
having max(hours.valid_to) <= as_of.as_of_date + 10
