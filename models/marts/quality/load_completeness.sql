with walks as (

    select * from {{ ref('stg_archive__walks') }}

),

archived as (

    select * from {{ ref('stg_archive__counts') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

)

select
    as_of.as_of_date,
    walks.source,
    walks.feed,
    walks.walk_id,
    walks.window_start,
    walks.window_end,
    walks.is_closed,
    walks.started_at,
    walks.finished_at,
    walks.pages_requested,
    walks.reported_pages,
    walks.reported_records,
    walks.received_records,
    walks.distinct_records,
    coalesce(archived.archived_records, 0) as archived_records,
    coalesce(archived.set_aside_records, 0) as set_aside_records,
    walks.received_records - walks.rejected_records - walks.distinct_records as merged_records,
    walks.second_walk,
    case
        when walks.is_closed and walks.reported_records = walks.received_records then 'verified'
        -- A feed that counts only its pages: the loader refuses a walk whose pages do not come out.
        when walks.is_closed and walks.reported_records is null and walks.reported_pages is not null then 'verified'
        else 'unverified'
    end as status
from walks
left join archived
    on walks.source = archived.source
    and walks.walk_id = archived.walk_id
cross join as_of
where coalesce(walks.window_start <= as_of.as_of_date, true)
