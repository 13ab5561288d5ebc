-- An event is news: a buy of that day was in no filing of an earlier one. Beside each event stands the same one dated by its transaction, as
-- whoever mistakes transaction dates for news would enter it.
with event_days as (

    select * from {{ ref('int_event_days') }}

),

news as (

    select
        source,
        issuer_id,
        signal_date,
        min(transaction_date) as transaction_date
    from {{ ref('int_event_buys') }}
    where first_available_date = signal_date
    group by source, issuer_id, signal_date

),

scores as (

    select * from {{ ref('int_study_scores') }}

),

sizes as (

    select
        signal_date,
        count(*) as scored_issuers
    from scores
    group by signal_date

),

dated as (

    select
        event_days.event_kind,
        event_days.has_past,
        news.*
    from event_days
    inner join news
        on event_days.source = news.source
        and event_days.issuer_id = news.issuer_id
        and event_days.signal_date = news.signal_date

)

select
    dated.event_kind,
    dated.has_past,
    dated.source,
    dated.issuer_id,
    dated.signal_date,
    dated.transaction_date,
    scores.market,
    scores.tradable_on,
    scores.score,
    scores.score_version,
    case
        when sizes.scored_issuers >= 5 then cast(5 - floor((scores.rank - 1) * 5 / sizes.scored_issuers) as integer)
    end as score_quintile,
    scores.total_buy_value,
    scores.distinct_buyers,
    scores.senior_buyer_flag as is_senior,
    scores.days_since_last_buy
from dated
inner join scores
    on dated.source = scores.source
    and dated.issuer_id = scores.issuer_id
    and dated.signal_date = scores.signal_date
inner join sizes on dated.signal_date = sizes.signal_date
