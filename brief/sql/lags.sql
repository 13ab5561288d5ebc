-- How many days after the trade the filings of the last year came, against each market's deadline; ten days late stands for more.
select
    market,
    deadline_days,
    day_kind,
    rule,
    least(greatest(lag_days, 0), deadline_days + 10) as lag,
    is_late,
    count(*) as lines
from marts.filing_timeliness
where
    as_of_date = $day
    and clock = 'insider_notification'
    and lag_days is not null
    and measured_date between $day - 365 and $day
group by market, deadline_days, day_kind, rule, is_late, least(greatest(lag_days, 0), deadline_days + 10)
order by market, deadline_days, lag, is_late
