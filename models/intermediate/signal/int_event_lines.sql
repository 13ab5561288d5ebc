-- Each line version of an event while it is in force, and whether its event is below the minimum. Only an event with a line below the minimum
-- can itself be below it; the lines of those are cut at every change of the event's value.
with transactions as (

    select * from {{ ref('int_transaction_exclusions') }}
    where not is_cancelled

),

spans as (

    select * from {{ ref('int_transaction_spans') }}
    where not is_duplicate

),

lines as (

    select
        transactions.event_id,
        transactions.transaction_id,
        transactions.version_number,
        transactions.value_base,
        transactions.exclusion_reason,
        spans.valid_from,
        spans.valid_to
    from transactions
    inner join spans
        on {{ same_transaction_version('transactions', 'spans') }}

),

small_events as (

    select distinct event_id
    from lines
    where value_base < {{ var('minimum_buy_value') }}

),

small_lines as (

    select lines.*
    from lines
    inner join small_events on lines.event_id = small_events.event_id

),

event_spans as (

    {{ spans_between_changes('small_lines', ['event_id']) }}

)

select
    small_lines.transaction_id,
    small_lines.version_number,
    small_lines.exclusion_reason,
    event_spans.valid_from,
    event_spans.valid_to,
    coalesce(
        sum(small_lines.value_base) over (partition by event_spans.event_id, event_spans.valid_from) < {{ var('minimum_buy_value') }},
        false
    ) as is_below_minimum
from event_spans
inner join small_lines
    on event_spans.event_id = small_lines.event_id
    and {{ holds_on('event_spans.valid_from', 'small_lines') }}

union all

select
    lines.transaction_id,
    lines.version_number,
    lines.exclusion_reason,
    lines.valid_from,
    lines.valid_to,
    false as is_below_minimum
from lines
left join small_events on lines.event_id = small_events.event_id
where small_events.event_id is null
