-- The first days of an issuer's buys, and of its clusters of buyers, after a time without any.
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

select *
from first_days
{%- if var('score_start_date') %}
-- Without the days before the first score nobody knows whether they were quiet.
where signal_date >= cast('{{ var("score_start_date") }}' as date) + {{ quiet_days }}
{%- endif %}
