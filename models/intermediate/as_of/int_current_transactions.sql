-- The line versions that are visible at the as-of date, with what they are on that day.
with as_of as (

    select * from {{ ref('int_as_of') }}

),

transactions as (

    select * from {{ ref('int_transaction_exclusions') }}

),

-- Cut to the day before they are joined: an outer join on a span of days would compare every row with every other.
duplicates as (

    select spans.*
    from {{ ref('int_transaction_spans') }} as spans
    cross join as_of
    where
        spans.is_duplicate
        and {{ holds_on('as_of.as_of_date', 'spans') }}

),

of_small_events as (

    select event_lines.*
    from {{ ref('int_event_lines') }} as event_lines
    cross join as_of
    where
        event_lines.is_below_minimum
        and {{ holds_on('as_of.as_of_date', 'event_lines') }}

),

same_terms as (

    select spans.*
    from {{ ref('int_same_terms_spans') }} as spans
    cross join as_of
    where
        {{ holds_on('as_of.as_of_date', 'spans') }}

),

visible as (

    select
        transactions.*,
        as_of.as_of_date
    from transactions
    cross join as_of
    where
        {{ holds_on('as_of.as_of_date', 'transactions', 'available_date', 'superseded_date') }}

),

judged as (

    select
        visible.*,
        duplicates.transaction_id is not null as is_duplicate,
        duplicates.duplicate_of,
        -- What stands belongs to an event.
        case
            when not visible.is_cancelled and duplicates.transaction_id is null then visible.event_id
        end as event_key,
        case
            when visible.is_share_purchase and not visible.is_cancelled and duplicates.transaction_id is null
                then coalesce(same_terms.same_terms_buyers, 1)
        end as same_terms_buyers
    from visible
    left join duplicates
        on {{ same_transaction_version('visible', 'duplicates') }}
    left join same_terms
        on {{ same_transaction_version('visible', 'same_terms') }}

)

select
    judged.*,
    coalesce(
        judged.exclusion_reason,
        case when of_small_events.transaction_id is not null then 'below_minimum_value' end,
        case when {{ excluded_by_same_terms('judged.same_terms_buyers') }} then 'same_terms' end
    ) as signal_exclusion_reason
from judged
left join of_small_events
    on {{ same_transaction_version('judged', 'of_small_events') }}
