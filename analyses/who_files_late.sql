-- Which insiders have filed late most often, by how many days, and how large is that share of what they filed?
select
    insiders.insider_name,
    timeliness.market,
    count(*) as lines,
    count(*) filter (where timeliness.is_late) as late_lines,
    max(timeliness.lag_days - timeliness.deadline_days) filter (where timeliness.is_late) as worst_days_over,
    round(100.0 * avg(timeliness.is_late::int)) as late_percent
from {{ ref('filing_timeliness') }} as timeliness
inner join {{ ref('insiders') }} as insiders
    on timeliness.source = insiders.source
    and timeliness.insider_id = insiders.insider_id
where timeliness.clock = 'insider_notification'
group by timeliness.source, timeliness.insider_id, insiders.insider_name, timeliness.market
having count(*) filter (where timeliness.is_late) > 0
order by late_lines desc, late_percent desc, timeliness.insider_id asc, timeliness.market asc
