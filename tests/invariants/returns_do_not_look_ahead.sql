-- Nobody enters before the day after an event, by a ticker that no filing had told by then, or after the as-of date. Events entered at their
-- transaction do the first, and are named for it. What an insider's earlier entries had earned was over before the day.
{{ config(tags=['event_study', 'measured']) }}

with returns as (

    select * from {{ source('event_study', 'signal_returns') }}

),

tickers as (

    select
        source,
        issuer_id,
        ticker,
        min(available_date) as available_date
    from {{ ref('int_ticker_mentions') }}
    group by source, issuer_id, ticker

)

select
    returns.event_id,
    returns.signal_date,
    returns.tradable_on,
    returns.entry_date,
    returns.exit_date
from returns
cross join {{ ref('int_as_of') }} as as_of
left join tickers
    on returns.source = tickers.source
    and returns.issuer_id = tickers.issuer_id
    and returns.ticker = tickers.ticker
where
    (returns.event_kind in ('first_buy', 'cluster') and returns.tradable_on <= returns.signal_date)
    or returns.entry_date < returns.tradable_on
    or returns.exit_date < returns.entry_date
    or returns.exit_date > as_of.as_of_date
    or (returns.ticker is not null and coalesce(tickers.available_date > returns.signal_date, true))

union all

select
    event_id,
    signal_date,
    tradable_on,
    cast(null as date) as entry_date,
    last_earlier_exit as exit_date
from {{ source('event_study', 'insider_track_records') }}
where last_earlier_exit >= signal_date
