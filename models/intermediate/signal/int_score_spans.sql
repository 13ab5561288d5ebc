{{ config(materialized='view') }}

-- What an issuer's buys add up to between every two changes of them: there all but the age of the last buy stays the same.
{%- set window_days = var('signal_window_days') + 1 %}

with buys as (

    select * from {{ ref('int_buys') }}

),

changes as (

    {{ spans_between_changes('buys', ['issuer_source', 'issuer_id'], ['first_day', 'day_after']) }}

),

spans as (

    select
        issuer_source,
        issuer_id,
        valid_from as first_day,
        valid_to as day_after,
        {{ period_of('valid_from', window_days) }} as period
    from changes

),

-- A buy counts for no longer than a window, so in at most two periods of that length: only spans that begin in
-- these are compared with it, not all that its issuer ever had.
buys_of_periods as (

    select
        *,
        {{ period_of('first_day', window_days) }} as period
    from buys

    union all

    select
        *,
        {{ period_of('day_after - 1', window_days) }} as period
    from buys
    where {{ period_of('day_after - 1', window_days) }} > {{ period_of('first_day', window_days) }}

)

select
    spans.issuer_source as source,
    spans.issuer_id,
    spans.first_day,
    spans.day_after,
    min(buys_of_periods.market) as market,
    min(buys_of_periods.market_settings) as market_settings,
    cast(sum(coalesce(buys_of_periods.value_base, 0)) as decimal(38, 6)) as total_buy_value,
    count(distinct buys_of_periods.buyer) as distinct_buyers,
    max(case when buys_of_periods.is_senior then 1 else 0 end) as senior_buyers,
    max(buys_of_periods.role_weight) as role_weight,
    max(buys_of_periods.transaction_date) as last_buy_date,
    count(*) as buy_lines,
    cast(sum(case when buys_of_periods.value is null then 1 else 0 end) as bigint) as unpriced_buys,
    cast(sum(case when buys_of_periods.currency is null then 1 else 0 end) as bigint) as buys_without_currency
from spans
inner join buys_of_periods
    on spans.issuer_source = buys_of_periods.issuer_source
    and spans.issuer_id = buys_of_periods.issuer_id
    and spans.period = buys_of_periods.period
    and {{ holds_on('spans.first_day', 'buys_of_periods', 'first_day', 'day_after') }}
group by spans.issuer_source, spans.issuer_id, spans.first_day, spans.day_after
