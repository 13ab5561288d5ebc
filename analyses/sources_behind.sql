-- Through which day is each source complete, how far is it behind the as-of date, and did the feed's own count agree in its last window?
select
    source,
    complete_through,
    days_behind,
    is_source_behind,
    window_end as last_window_end,
    reported_records,
    received_records,
    window_status
from {{ ref('source_status') }}
order by days_behind desc nulls last, source asc
