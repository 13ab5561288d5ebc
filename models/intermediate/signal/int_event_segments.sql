-- Only an event with a line below the minimum can itself be below it; for those, the value between every two changes.
with event_lines as (

    select * from {{ ref('int_event_lines') }}

),

at_risk as (

    select distinct event_key
    from event_lines
    where value_base < {{ var('minimum_buy_value') }}

),

lines_at_risk as (

    select event_lines.*
    from event_lines
    inner join at_risk on event_lines.event_key = at_risk.event_key

),

segments as (

    {{ spans_between_changes('lines_at_risk', ['event_key']) }}

)

select
    segments.event_key,
    segments.valid_from,
    segments.valid_to,
    coalesce(sum(lines_at_risk.value_base) < {{ var('minimum_buy_value') }}, false) as is_below_minimum
from segments
inner join lines_at_risk
    on segments.event_key = lines_at_risk.event_key
    and {{ holds_on('segments.valid_from', 'lines_at_risk') }}
group by segments.event_key, segments.valid_from, segments.valid_to
