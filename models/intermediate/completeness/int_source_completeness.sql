with walks as (

    select * from {{ ref('stg_archive__walks') }}
    where is_closed

),

-- A day is missing before a window that begins later than the day after all that earlier windows reach.
windows as (

    select
        source,
        filing_source,
        window_start,
        window_end,
        max(window_end) over (
            partition by source order by window_start, window_end
            rows between unbounded preceding and 1 preceding
        ) as reached_before
    from walks

),

runs as (

    select
        source,
        filing_source,
        window_end,
        sum(case when window_start > reached_before + 1 then 1 else 0 end) over (
            partition by source order by window_start, window_end
            rows between unbounded preceding and current row
        ) as gaps_before
    from windows

)

select
    source,
    filing_source,
    max(window_end) as complete_through
from runs
where gaps_before = 0
group by source, filing_source
