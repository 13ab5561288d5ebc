with scores as (

    select * from {{ ref('int_study_scores') }}

),

series as (

    select * from {{ ref('int_day_series') }}
    where is_sunday

),

sessions as (

    select * from {{ ref('int_counted_days') }}
    where
        day_kind = 'trading'
        and is_counted

)

select
    scores.source,
    scores.issuer_id,
    scores.signal_date,
    scores.market,
    series.series_id,
    cast(sessions.day_number as integer) as tradable_number,
    ln(1 + greatest(cast(scores.total_buy_value as double), 0)) as log_buy_value,
    scores.distinct_buyers,
    case when scores.senior_buyer_flag then 1 else 0 end as senior_buyers,
    scores.days_since_last_buy
from scores
inner join series
    on scores.source = series.source
    and scores.issuer_id = series.issuer_id
    and scores.signal_date = series.signal_date
left join sessions
    on series.exchange_calendar = sessions.calendar
    and scores.tradable_on = sessions.date_day
