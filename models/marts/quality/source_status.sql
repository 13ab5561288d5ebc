with windows as (

    select * from {{ ref('load_completeness') }}

),

status as (

    select * from {{ ref('int_source_status') }}

),

closed as (

    select
        source,
        window_start,
        window_end,
        reported_records,
        received_records,
        status,
        row_number() over (partition by source order by window_end desc, finished_at desc, window_start desc, walk_id asc) as place
    from windows
    where is_closed

),

-- What feeds another source has windows of its own; complete is the source that it feeds.
sources as (

    select source from windows
    union distinct
    select source from status

),

as_of as (

    select * from {{ ref('int_as_of') }}

)

select
    as_of.as_of_date,
    sources.source,
    status.complete_through,
    status.is_source_behind,
    case
        when status.is_source_behind then {{ days_from('status.complete_through', 'status.as_of_date') }}
        when not status.is_source_behind then 0
    end as days_behind,
    closed.window_start,
    closed.window_end,
    closed.reported_records,
    closed.received_records,
    closed.status as window_status
from sources
cross join as_of
left join status on sources.source = status.source
left join closed
    on sources.source = closed.source
    and closed.place = 1
