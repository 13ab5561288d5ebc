-- Through which day is each source complete, and how far is it behind the as-of date?
select
    source,
    max(window_end) filter (where is_closed) as loaded_through,
    max(as_of_date) - max(window_end) filter (where is_closed) as days_behind,
    max(finished_at) as last_load,
    sum(received_records) as received_records,
    count(*) filter (where status = 'verified') as verified_windows,
    count(*) filter (where status <> 'verified') as other_windows
from {{ ref('load_completeness') }}
group by source
order by days_behind desc nulls first, source asc
