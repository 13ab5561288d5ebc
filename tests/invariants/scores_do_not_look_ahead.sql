-- Every buy counts only while it was available, not yet superseded, and traded within the window.
-- If this fails, the backtest is fiction.
select
    buys.issuer_source,
    buys.issuer_id,
    buys.transaction_id,
    buys.first_day,
    buys.day_after,
    versions.available_date,
    versions.superseded_date,
    versions.transaction_date
from {{ ref('int_buys') }} as buys
inner join {{ ref('insider_transaction_versions') }} as versions
    on {{ same_transaction_version('buys', 'versions') }}
where
    buys.first_day < versions.available_date
    or buys.day_after > versions.superseded_date
    or buys.first_day < versions.transaction_date
    or buys.day_after > versions.transaction_date + {{ var('signal_window_days') + 1 }}
    or versions.signal_exclusion_reason is not null
