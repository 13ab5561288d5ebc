{{ config(materialized='view') }}

-- Each line's value in the base currency, rounded once.
with trades as (

    select * from {{ ref('int_line_amounts') }}

),

rates as (

    select * from {{ ref('int_fx_rates') }}

),

rated as (

    select
        trades.*,
        trades.currency = '{{ var("base_currency") }}' as is_base_currency,
        rates.fx_rate as rate_of_day,
        rates.fx_rate_date as date_of_rate,
        rates.fx_status as status_of_rate
    from trades
    left join rates
        on trades.currency = rates.currency
        and trades.transaction_date = rates.transaction_date

)

select
    *,
    case when is_base_currency then 1.0 else rate_of_day end as fx_rate,
    case when not is_base_currency then date_of_rate end as fx_rate_date,
    case
        when is_base_currency then 'same'
        when currency is null then 'unknown_currency'
        else coalesce(status_of_rate, 'no_rate')
    end as fx_status,
    case
        when is_base_currency then value
        else {{ decimal_of_double(as_double('value') ~ ' * rate_of_day', 28) }}
    end as value_base
from rated
