-- At which entries of an issuer into the ranking had insiders bought most, against the value that a usual session trades?
select
    signal_date,
    ticker,
    role,
    distinct_buyers,
    round(100 * buy_value_to_volume, 1) as percent_of_a_session,
    round(paid_to_close, 3) as paid_to_close
from {{ source('event_study', 'signal_returns') }}
where
    event_kind = 'first_buy'
    and horizon = 21
    and buy_value_to_volume is not null
order by buy_value_to_volume desc, signal_date asc, event_id asc
