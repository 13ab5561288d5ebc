-- What no split in the file explains is no return: the ticker has gone to another company, a split was not told, or adjusted closes are stale.
-- After a pause longer than a price is waited for, what comes is taken for another share's; else the series stays one, and is suspect there.
with closes as (

    select * from {{ ref('int_listing_closes') }}

),

followed as (

    select
        *,
        lag(session_number) over ordered as number_before,
        lag(adjusted_close) over ordered as adjusted_close_before
    from closes
    window ordered as (partition by listing_id order by session_number)

),

judged as (

    select
        *,
        {{ is_suspect_jump('adjusted_close', 'adjusted_close_before') }} as is_jump,
        {{ is_suspect_jump('adjusted_open', 'adjusted_close') }} as is_jump_inside
    from followed

)

select
    listing_id,
    session_number,
    session_date,
    symbol,
    adjusted_open,
    adjusted_close,
    adjusted_close_before,
    session_number - number_before - 1 as sessions_between,
    is_jump,
    is_jump and session_number - number_before - 1 > {{ var('study')['wait_sessions'] }} as is_break,
    is_jump_inside
from judged
where is_jump or is_jump_inside
