-- Every buy that counts on a day was available by that day, not yet superseded, and traded within the window.
-- If this fails, the backtest is fiction.
select
    buy_days.source,
    buy_days.issuer_id,
    buy_days.signal_date,
    buy_days.transaction_id,
    versions.available_date,
    versions.superseded_date,
    versions.transaction_date
from {{ ref('int_buy_days') }} as buy_days
inner join {{ ref('insider_transaction_versions') }} as versions
    on buy_days.transaction_id = versions.transaction_id
    and buy_days.version_number = versions.version_number
where
    buy_days.signal_date < versions.available_date
    or buy_days.signal_date >= versions.superseded_date
    or buy_days.signal_date < versions.transaction_date
    or buy_days.signal_date > versions.transaction_date + {{ var('signal_window_days') }}
    or versions.signal_exclusion_reason is not null
