-- Every event has one row for each horizon, and each row has all its returns or says which of them is missing.
-- If this fails, the verdict is on fewer events than it says, and those left out were not left out by chance.
{{ config(tags=['event_study', 'measured']) }}

with events as (

    select * from {{ ref('int_study_events') }}

),

returns as (

    select * from {{ source('event_study', 'signal_returns') }}

),

counted as (

    select
        event_id,
        count(*) as row_count,
        count(distinct horizon) as horizons
    from returns
    group by event_id

),

uncounted as (

    select coalesce(events.event_id, counted.event_id) as event_id
    from events
    full outer join counted on events.event_id = counted.event_id
    where
        events.event_id is null
        or counted.row_count is distinct from {{ var('study')['horizons'] | length }}
        or counted.horizons is distinct from {{ var('study')['horizons'] | length }}

),

unexplained as (

    select event_id
    from returns
    where
        (unpriced_reason is null or unpriced_reason in ('no_benchmark', 'short_estimation')) <> (raw_return is not null)
        or (unpriced_reason is null or unpriced_reason = 'short_estimation') <> (adjusted_return is not null)
        or (unpriced_reason is null) <> (abnormal_return is not null)
        or (adjusted_return is not null) <> (net_return is not null)
        or (raw_return is not null) <> (exit_date is not null)

)

select event_id from uncounted
union all
select event_id from unexplained
