{%- set first_day = "cast('" ~ (var('score_start_date') or var('calendar_start_date')) ~ "' as date)" -%}

-- What signal_buys says of a day is what the scores of that day rest on, on the as-of date and a week before.
with buys as (

    select * from {{ ref('signal_buys') }}

),

scores as (

    select * from {{ ref('issuer_scores') }}

),

days as (

    select as_of_date as signal_date from {{ ref('int_as_of') }}
    union all
    select as_of_date - 7 as signal_date from {{ ref('int_as_of') }}

),

counted as (

    select
        days.signal_date,
        buys.source,
        buys.issuer_id,
        count(distinct buys.buyer) as distinct_buyers,
        coalesce(sum(buys.value_base), 0) as total_buy_value,
        max(buys.transaction_date) as last_buy_date
    from buys
    inner join days on {{ holds_on('days.signal_date', 'buys') }}
    where days.signal_date >= {{ first_day }}
    group by days.signal_date, buys.source, buys.issuer_id

),

scored as (

    select scores.*
    from scores
    inner join days on scores.signal_date = days.signal_date

)

select
    coalesce(scored.signal_date, counted.signal_date) as signal_date,
    coalesce(scored.source, counted.source) as source,
    coalesce(scored.issuer_id, counted.issuer_id) as issuer_id
from scored
full outer join counted
    on scored.signal_date = counted.signal_date
    and scored.source = counted.source
    and scored.issuer_id = counted.issuer_id
where
    scored.distinct_buyers is distinct from counted.distinct_buyers
    or scored.total_buy_value is distinct from counted.total_buy_value
    or scored.last_buy_date is distinct from counted.last_buy_date
