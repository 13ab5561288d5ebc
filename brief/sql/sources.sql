-- How far each source is complete, and whether the feed's own count of its last window is ours; the window is that of the marts' own day.
select
    source,
    least(complete_through, $day) as complete_through,
    coalesce(greatest(date_diff('day', complete_through, $day), 0), 0) as days_behind,
    complete_through is null as is_unknown,
    case when as_of_date = $day then received_records end as received_records,
    case when as_of_date = $day then reported_records end as reported_records,
    case when as_of_date = $day then window_status end as window_status
from marts.source_status
order by is_unknown, source
