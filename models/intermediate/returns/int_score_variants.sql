-- One day a week is enough for rank correlations, whose days hardly differ from one another; a Sunday comes before the week's first session.
with scores as (

    select * from {{ ref('int_study_scores') }}
    where {{ weekday('signal_date') }} = 7

),

buys as (

    select * from {{ ref('int_buys') }}

),

versions as (

    select * from {{ ref('int_score_versions') }}

),

role_weights as (

    select * from {{ ref('int_role_weights') }}

),

issuers as (

    select * from {{ ref('int_study_issuers') }}

),

by_issuer as (

    select distinct series_id
    from {{ ref('int_series_symbols') }}
    where symbol_kind = 'issuer_id'

),

tickers as (

    select * from {{ ref('int_issuer_symbols') }}

),

sessions as (

    select * from {{ ref('int_counted_days') }}
    where day_kind = 'trading' and is_counted

),

known as (

    select
        scores.source,
        scores.issuer_id,
        scores.signal_date,
        scores.market,
        case when by_issuer.series_id is not null or tickers.ticker is not null then issuers.series_id end as series_id,
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
    left join by_issuer on issuers.series_id = by_issuer.series_id
    left join tickers
        on issuers.source = tickers.source
        and issuers.issuer_id = tickers.issuer_id
        and issuers.market = tickers.market
        and scores.signal_date >= tickers.known_from
        and scores.signal_date < coalesce(tickers.valid_to, date '9999-12-31')
    left join sessions
        on issuers.exchange_calendar = sessions.calendar
        and scores.tradable_on = sessions.date_day

),

roles as (

    select
        known.source,
        known.issuer_id,
        known.signal_date,
        max(role_weights.weight) as role_weight
    from known
    inner join buys
        on known.source = buys.issuer_source
        and known.issuer_id = buys.issuer_id
        and known.signal_date >= buys.first_day
        and known.signal_date < buys.day_after
    inner join role_weights on buys.role = role_weights.role
    where role_weights.version = 2
    group by known.source, known.issuer_id, known.signal_date

),

terms as (

    select
        known.*,
        version_1.log_buy_value * known.log_buy_value as buy_value_term,
        version_1.distinct_buyers * known.distinct_buyers as distinct_buyers_term,
        version_1.senior_buyer * known.senior_buyers as senior_buyer_term,
        version_1.days_since_last_buy * known.days_since_last_buy as days_since_last_buy_term,
        version_2.log_buy_value * known.log_buy_value
        + version_2.distinct_buyers * known.distinct_buyers
        + case when known.distinct_buyers >= 2 then version_2.buyer_cluster else 0 end
        + version_2.senior_buyer * known.senior_buyers
        + coalesce(roles.role_weight, 0)
        + version_2.days_since_last_buy * known.days_since_last_buy as score_version_2
    from known
    inner join versions as version_1 on version_1.version = 1
    inner join versions as version_2 on version_2.version = 2
    left join roles
        on known.source = roles.source
        and known.issuer_id = roles.issuer_id
        and known.signal_date = roles.signal_date

)

select
    signal_date,
    source,
    issuer_id,
    market,
    series_id,
    tradable_number,
    buy_value_term + distinct_buyers_term + senior_buyer_term + days_since_last_buy_term as score_version_1,
    score_version_2,
    distinct_buyers_term + senior_buyer_term + days_since_last_buy_term as without_log_buy_value,
    buy_value_term + senior_buyer_term + days_since_last_buy_term as without_distinct_buyers,
    buy_value_term + distinct_buyers_term + days_since_last_buy_term as without_senior_buyer,
    buy_value_term + distinct_buyers_term + senior_buyer_term as without_days_since_last_buy
from terms
