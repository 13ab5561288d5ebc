-- Which insiders bought lately whose earlier buys, over before that day, had earned more than the benchmark on average?
select
    records.buyer,
    records.signal_date,
    records.issuer_id,
    records.earlier_entries,
    round(100 * records.earlier_mean_return, 2) as earlier_mean_percent,
    round(100 * records.earlier_share_positive) as earlier_positive_percent,
    records.last_earlier_exit
from {{ source('event_study', 'insider_track_records') }} as records
where
    records.horizon = 21
    and records.earlier_entries >= 2
    and records.earlier_mean_return > 0
order by records.signal_date desc, records.earlier_mean_return desc, records.buyer asc, records.event_id asc
