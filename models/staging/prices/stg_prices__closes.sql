{{ config(materialized='table') }}

with prices as (

    select * from {{ ref('stg_prices__prices') }}

),

split_factors as (

    select * from {{ ref('stg_prices__split_factors') }}

),

-- Adjusted and unadjusted closes in one series would make returns that never were: those given count where none is missing.
adjustments as (

    select
        series,
        case
            when count(given_adjusted_close) = count(*) then 'given'
            when max(case when split_ratio <> 1 then 1 else 0 end) = 1 then 'splits'
            else 'none'
        end as adjustment
    from prices
    group by series

),

factored as (

    select
        prices.*,
        adjustments.adjustment,
        coalesce(split_factors.split_factor, 1) as split_factor,
        case
            when adjustments.adjustment = 'given' then prices.given_adjusted_close / prices.close
            else 1 / coalesce(split_factors.split_factor, 1)
        end as adjustment_factor
    from prices
    inner join adjustments on prices.series = adjustments.series
    left join split_factors
        on prices.series = split_factors.series
        and coalesce(prices.session_date >= split_factors.valid_from, true)
        and prices.session_date < split_factors.valid_before

)

select
    series,
    symbol_kind,
    symbol,
    source,
    market,
    session_date,
    open,
    close,
    open * adjustment_factor as adjusted_open,
    case when adjustment = 'given' then given_adjusted_close else close * adjustment_factor end as adjusted_close,
    adjustment,
    volume,
    split_factor,
    delisting_return,
    first_seen_at
from factored
