-- The line versions that are visible at the as-of date, with what they are on that day.
with as_of as (

    select * from {{ ref('int_as_of') }}

),

transactions as (

    select * from {{ ref('int_transaction_versions') }}

),

exclusions as (

    select * from {{ ref('int_transaction_exclusions') }}

),

duplicates as (

    select * from {{ ref('int_duplicate_segments') }}
    where is_duplicate

),

event_lines as (

    select * from {{ ref('int_event_lines') }}

),

small_events as (

    select * from {{ ref('int_event_segments') }}
    where is_below_minimum

),

visible as (

    select
        transactions.*,
        as_of.as_of_date
    from transactions
    cross join as_of
    where
        transactions.available_date <= as_of.as_of_date
        and (transactions.superseded_date is null or as_of.as_of_date < transactions.superseded_date)

)

select
    visible.*,
    duplicates.transaction_id is not null as is_duplicate,
    duplicates.duplicate_of,
    event_lines.event_key,
    coalesce(
        exclusions.exclusion_reason,
        case when small_events.event_key is not null then 'below_minimum_value' end
    ) as signal_exclusion_reason
from visible
inner join exclusions
    on visible.transaction_id = exclusions.transaction_id
    and visible.version_number = exclusions.version_number
left join duplicates
    on visible.transaction_id = duplicates.transaction_id
    and visible.version_number = duplicates.version_number
    and visible.as_of_date >= duplicates.valid_from
    and (duplicates.valid_to is null or visible.as_of_date < duplicates.valid_to)
left join event_lines
    on visible.transaction_id = event_lines.transaction_id
    and visible.version_number = event_lines.version_number
    and visible.as_of_date >= event_lines.valid_from
    and (event_lines.valid_to is null or visible.as_of_date < event_lines.valid_to)
left join small_events
    on event_lines.event_key = small_events.event_key
    and visible.as_of_date >= small_events.valid_from
    and (small_events.valid_to is null or visible.as_of_date < small_events.valid_to)
