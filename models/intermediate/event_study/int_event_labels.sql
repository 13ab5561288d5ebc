-- What is known of an event on its day D, and no later, beside its score.
with buys as (

    select
        source,
        issuer_id,
        signal_date,
        min_by(role, coalesce(seniority, 99)) filter (where role is not null) as role,
        cast(sum(value) as double) as value_bought,
        min(currency) filter (where value is not null) as currency,
        count(distinct coalesce(currency, 'unknown')) filter (where value is not null) as currencies,
        max(same_terms_buyers) as same_terms_buyers
    from {{ ref('int_event_buys') }}
    group by source, issuer_id, signal_date

),

series as (

    select * from {{ ref('int_day_series') }}
    where is_event

),

event_values as (

    select * from {{ ref('int_event_traded_values') }}

),

payments as (

    select * from {{ ref('int_event_purchase_prices') }}

),

years as (

    select * from {{ ref('int_event_first_in_year') }}

),

patterns as (

    select * from {{ ref('int_event_trading_patterns') }}

)

select
    series.source,
    series.issuer_id,
    series.signal_date,
    buys.role,
    buys.same_terms_buyers,
    case
        when buys.currencies = 1 and buys.currency = series.currency
            then buys.value_bought / nullif(event_values.median_value_traded, 0)
    end as buy_value_to_volume,
    years.is_first_buy_in_year,
    coalesce(patterns.trading_pattern, 'unclassified') as trading_pattern,
    payments.paid_to_close,
    coalesce(payments.paid_to_close_flag, case when payments.source is null then 'unknown' end) as paid_to_close_flag
from series
inner join buys
    on series.source = buys.source
    and series.issuer_id = buys.issuer_id
    and series.signal_date = buys.signal_date
left join event_values
    on series.source = event_values.source
    and series.issuer_id = event_values.issuer_id
    and series.signal_date = event_values.signal_date
left join payments
    on series.source = payments.source
    and series.issuer_id = payments.issuer_id
    and series.signal_date = payments.signal_date
left join years
    on series.source = years.source
    and series.issuer_id = years.issuer_id
    and series.signal_date = years.signal_date
left join patterns
    on series.source = patterns.source
    and series.issuer_id = patterns.issuer_id
    and series.signal_date = patterns.signal_date
