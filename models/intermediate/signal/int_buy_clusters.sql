-- Issuers of which two or more persons bought within the days that end with each day.
{%- set first_day = "cast('" ~ (var('score_start_date') or var('calendar_start_date')) ~ "' as date)" %}

with buys as (

    select * from {{ ref('int_buys') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

offsets as (

    select cast(row_number() over (order by date_day) - 1 as integer) as days
    from {{ ref('int_days') }}
    qualify row_number() over (order by date_day) <= {{ var('cluster_days') }}

),

-- Nothing after the day: a buy counts on its own day, once it is known, and on the days after it.
bought as (

    select
        buys.*,
        buys.transaction_date + offsets.days as signal_date
    from buys
    cross join as_of
    inner join offsets
        on buys.transaction_date + offsets.days >= buys.first_day
        and buys.transaction_date + offsets.days < buys.day_after
        and as_of.as_of_date >= buys.transaction_date + offsets.days

),

clusters as (

    select
        issuer_source as source,
        issuer_id,
        signal_date,
        min(market) as market,
        count(distinct buyer) as distinct_buyers,
        count(distinct case when is_senior then buyer end) as senior_buyers,
        count(*) as buy_lines,
        cast(sum(coalesce(value_base, 0)) as decimal(38, 6)) as total_buy_value,
        min(transaction_date) as first_buy_date,
        max(transaction_date) as last_buy_date
    from bought
    group by issuer_source, issuer_id, signal_date
    having count(distinct buyer) >= 2

),

followed as (

    select
        *,
        lag(signal_date) over (partition by source, issuer_id order by signal_date) as day_before
    from clusters

),

begun as (

    select
        *,
        max(case when coalesce(day_before < signal_date - 1, true) then signal_date end) over (
            partition by source, issuer_id order by signal_date rows between unbounded preceding and current row
        ) as cluster_since
    from followed

)

select
    source,
    issuer_id,
    signal_date,
    market,
    cluster_since,
    distinct_buyers,
    senior_buyers,
    buy_lines,
    total_buy_value,
    first_buy_date,
    last_buy_date
from begun
where signal_date >= {{ first_day }}
