-- Each line's value in the base currency, rounded once.
with lines as (

    select
        source,
        record_id,
        version_number,
        line_ordinal,
        transaction_date
    from {{ ref('int_line_versions') }}

),

trades as (

    select
        source,
        record_id,
        version_number,
        line_ordinal,
        currency,
        value
    from {{ ref('int_line_trades') }}

),

rates as (

    select * from {{ ref('int_fx_rates') }}

),

rated as (

    select
        trades.*,
        trades.currency = '{{ var("base_currency") }}' as is_base_currency,
        rates.fx_rate,
        rates.fx_rate_date,
        rates.fx_status
    from trades
    inner join lines
        on trades.source = lines.source
        and trades.record_id = lines.record_id
        and trades.version_number = lines.version_number
        and trades.line_ordinal = lines.line_ordinal
    left join rates
        on trades.currency = rates.currency
        and lines.transaction_date = rates.transaction_date

)

select
    source,
    record_id,
    version_number,
    line_ordinal,
    case when is_base_currency then 1.0 else fx_rate end as fx_rate,
    case when not is_base_currency then fx_rate_date end as fx_rate_date,
    case
        when is_base_currency then 'same'
        when currency is null then 'unknown_currency'
        else coalesce(fx_status, 'no_rate')
    end as fx_status,
    case
        when is_base_currency then value
        else {{ decimal_of_double(as_double('value') ~ ' * fx_rate', 28) }}
    end as value_base
from rated
