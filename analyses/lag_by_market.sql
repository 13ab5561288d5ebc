-- How many days do insiders take to file, market by market, against the days that the rule gives them?
select
    market,
    rule,
    deadline_days,
    day_kind,
    count(*) as lines,
    round(avg(lag_days), 1) as mean_lag,
    max(lag_days) as longest_lag,
    round(100.0 * avg(is_late::int), 1) as late_percent
from {{ ref('filing_timeliness') }}
where clock = 'insider_notification'
group by market, rule, deadline_days, day_kind
order by lines desc, market asc, rule asc
