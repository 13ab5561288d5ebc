-- The first days of an issuer's buys, and of its clusters of buyers, after a time without any. Where the archive or the scores begin later than
-- that time, nobody knows whether it was quiet.
{%- set quiet_days = var('study')['quiet_days'] %}

with scores as (

    select * from {{ ref('int_study_scores') }}

),

followed as (

    select
        source,
        issuer_id,
        signal_date,
        distinct_buyers,
        lag(signal_date) over (partition by source, issuer_id order by signal_date) as day_before,
        max(case when distinct_buyers >= 2 then signal_date end) over (
            partition by source, issuer_id order by signal_date
            rows between unbounded preceding and 1 preceding
        ) as cluster_day_before
    from scores

),

archives as (

    select * from {{ ref('int_archive_starts') }}

),

first_days as (

    select
        'first_buy' as event_kind,
        source,
        issuer_id,
        signal_date
    from followed
    where coalesce(day_before + {{ quiet_days }} < signal_date, true)

    union all

    select
        'cluster' as event_kind,
        source,
        issuer_id,
        signal_date
    from followed
    where
        distinct_buyers >= 2
        and coalesce(cluster_day_before + {{ quiet_days }} < signal_date, true)

)

select
    first_days.event_kind,
    first_days.source,
    first_days.issuer_id,
    first_days.signal_date,
    {%- if var('score_start_date') %}
    greatest(archives.first_available_date, cast('{{ var("score_start_date") }}' as date))
    {%- else %}
    archives.first_available_date
    {%- endif %} + {{ quiet_days }} <= first_days.signal_date as has_past
from first_days
inner join archives
    on first_days.source = archives.source
    and {{ holds_on('first_days.signal_date', 'archives', 'first_available_date', 'next_start') }}
