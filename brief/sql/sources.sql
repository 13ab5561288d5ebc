-- How far each source is complete, and whether the feed's own count of its last window is ours.
select
    source,
    least(complete_through, $day) as complete_through,
    coalesce(greatest(date_diff('day', complete_through, $day), 0), 0) as days_behind,
    complete_through is null as is_unknown,
    received_records,
    reported_records,
    window_status
from marts.source_status
order by is_unknown, source
