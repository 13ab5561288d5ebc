{{ config(materialized='view') }}

{%- set first_day = "cast('" ~ (var('score_start_date') or var('calendar_start_date')) ~ "' as date)" -%}

with spans as (

    select * from {{ ref('int_score_spans') }}

),

weights as (

    select * from {{ ref('int_score_weights') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

offsets as (

    select cast(row_number() over (order by date_day) - 1 as integer) as days
    from {{ ref('int_days') }}
    qualify row_number() over (order by date_day) <= {{ var('signal_window_days') + 1 }}

),

days as (

    select
        spans.*,
        spans.first_day + offsets.days as signal_date,
        {{ days_from('spans.last_buy_date', 'spans.first_day') }} + offsets.days as days_since_last_buy
    from spans
    cross join as_of
    inner join offsets on spans.first_day + offsets.days < spans.day_after
    where
        spans.first_day + offsets.days <= as_of.as_of_date
        and spans.first_day + offsets.days >= {{ first_day }}

),

terms as (

    select
        days.*,
        days.senior_buyers = 1 as senior_buyer_flag,
        -- A total below zero can only come from nonsense in a feed; it must not stop the build.
        weights.log_buy_value * ln(1 + greatest(cast(days.total_buy_value as double), 0)) as buy_value_term,
        weights.distinct_buyers * days.distinct_buyers
        + case when days.distinct_buyers >= 2 then weights.buyer_cluster else 0 end as distinct_buyers_term,
        days.role_weight as senior_buyer_term,
        -- Plus zero: a weight below zero times no days is a negative zero.
        weights.days_since_last_buy * days.days_since_last_buy + 0.0 as days_since_last_buy_term
    from days
    cross join weights

)

select
    source,
    issuer_id,
    signal_date,
    market,
    market_settings,
    total_buy_value,
    distinct_buyers,
    senior_buyers,
    senior_buyer_flag,
    last_buy_date,
    days_since_last_buy,
    buy_lines,
    unpriced_buys,
    buys_without_currency,
    buy_value_term,
    distinct_buyers_term,
    senior_buyer_term,
    days_since_last_buy_term,
    buy_value_term + distinct_buyers_term + senior_buyer_term + days_since_last_buy_term as score
from terms
