-- What the insiders of an event paid for a share, and whether it can be held against prices: in the currency of the market, on one split basis.
with buys as (

    select * from {{ ref('int_event_buys') }}
    where
        price is not null
        and shares > 0

),

events as (

    select * from {{ ref('int_day_series') }}
    where
        is_event
        and series_id is not null

),

sessions as (

    select * from {{ ref('int_counted_days') }}
    where day_kind = 'trading'

),

prices as (

    select * from {{ ref('int_series_prices') }}

),

event_values as (

    select * from {{ ref('int_event_traded_values') }}

),

placed as (

    select
        buys.source,
        buys.issuer_id,
        buys.signal_date,
        buys.shares,
        -- Sums of decimals do not depend on their order.
        {{ exact_product('buys.shares', 'buys.price') }} as amount,
        event_values.last_close,
        case when buys.currency = events.currency then 0 else 1 end as is_foreign,
        case when abs(prices.split_factor / event_values.last_split_factor - 1) <= 1e-9 then 0 else 1 end as is_split,
        case
            when prices.split_factor is null or event_values.last_close is null or prices.suspect_count < event_values.last_suspect_count then 1
            else 0
        end as is_unknown
    from buys
    inner join events
        on buys.source = events.source
        and buys.issuer_id = events.issuer_id
        and buys.signal_date = events.signal_date
    inner join sessions
        on events.exchange_calendar = sessions.calendar
        and buys.transaction_date = sessions.date_day
    -- The last price of a session without one.
    left join prices
        on events.series_id = prices.series_id
        and sessions.day_number >= prices.session_number
        and sessions.day_number < coalesce(prices.next_number, prices.session_number + 1)
    left join event_values
        on buys.source = event_values.source
        and buys.issuer_id = event_values.issuer_id
        and buys.signal_date = event_values.signal_date

),

paid as (

    select
        source,
        issuer_id,
        signal_date,
        cast(sum(amount) as double) / cast(sum(shares) as double) / max(last_close) as paid_to_close,
        case
            when max(is_foreign) = 1 then 'currency'
            when max(is_unknown) = 1 or count(amount) < count(*) then 'unknown'
            when max(is_split) = 1 then 'split'
        end as paid_to_close_flag
    from placed
    group by source, issuer_id, signal_date

)

select
    source,
    issuer_id,
    signal_date,
    case when paid_to_close_flag is null then paid_to_close end as paid_to_close,
    paid_to_close_flag
from paid
