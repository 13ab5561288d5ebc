{%- set first_day = "cast('" ~ (var('score_start_date') or var('calendar_start_date')) ~ "' as date)" -%}

with buys as (

    select * from {{ ref('int_buys') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

offsets as (

    select cast(row_number() over (order by date_day) - 1 as integer) as days
    from {{ ref('int_days') }}
    qualify row_number() over (order by date_day) <= {{ var('signal_window_days') + 1 }}

)

select
    buys.issuer_source as source,
    buys.issuer_id,
    buys.first_day + offsets.days as signal_date,
    buys.market,
    buys.market_settings,
    buys.transaction_id,
    buys.version_number,
    buys.buyer,
    buys.is_senior,
    buys.role_weight,
    buys.transaction_date,
    buys.value,
    buys.value_base
from buys
cross join as_of
inner join offsets on buys.first_day + offsets.days < buys.day_after
where
    buys.first_day + offsets.days <= as_of.as_of_date
    and buys.first_day + offsets.days >= {{ first_day }}
