with days as (

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
    days.source,
    days.issuer_id,
    days.signal_date,
    days.market,
    days.series_id,
    cast(sessions.day_number as integer) as tradable_number,
    ln(1 + greatest(cast(days.total_buy_value as double), 0)) as log_buy_value,
    days.distinct_buyers,
    case when days.senior_buyer_flag then 1 else 0 end as senior_buyers,
    days.days_since_last_buy
from days
left join sessions
    on days.exchange_calendar = sessions.calendar
    and days.tradable_on = sessions.date_day
