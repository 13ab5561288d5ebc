-- One day a week is enough for rank correlations, whose days hardly differ from one another; a Sunday comes before the week's first session.
with scores as (

    select * from {{ ref('int_study_scores') }}
    where {{ weekday('signal_date') }} = 7

),

issuers as (

    select * from {{ ref('int_series_reach') }}

),

tickers as (

    select * from {{ ref('int_issuer_tickers') }}

),

days as (

    select * from {{ ref('int_counted_days') }}
    where day_kind = 'trading'

)

select
    scores.source,
    scores.issuer_id,
    scores.signal_date,
    scores.market,
    case when issuers.is_priced_by_id or tickers.ticker is not null then issuers.series_id end as series_id,
    cast(sessions.day_number as integer) as tradable_number,
    ln(1 + greatest(cast(scores.total_buy_value as double), 0)) as log_buy_value,
    scores.distinct_buyers,
    case when scores.senior_buyer_flag then 1 else 0 end as senior_buyers,
    scores.days_since_last_buy
from scores
inner join issuers
    on scores.source = issuers.source
    and scores.issuer_id = issuers.issuer_id
    and coalesce(scores.market, 'unknown') = issuers.market
inner join days
    on issuers.exchange_calendar = days.calendar
    and scores.signal_date = days.date_day
    and issuers.from_number <= days.day_number
    and days.day_number < coalesce(issuers.before_number, days.day_number + 1)
left join tickers
    on issuers.source = tickers.source
    and issuers.issuer_id = tickers.issuer_id
    and issuers.market = tickers.market
    and {{ holds_on('scores.signal_date', 'tickers', 'known_from', 'valid_to') }}
left join days as sessions
    on issuers.exchange_calendar = sessions.calendar
    and scores.tradable_on = sessions.date_day
    and sessions.is_counted
