-- What did an entry at the first session after an issuer's first buy earn, beside an entry on the transaction date that nobody could make?
select
    horizon,
    event_kind,
    n_events,
    round(100 * mean, 2) as mean_percent,
    round(100 * ci_low, 2) as low_percent,
    round(100 * ci_high, 2) as high_percent,
    is_looking_ahead
from {{ source('event_study', 'event_study') }}
where
    event_kind in ('first_buy', 'first_buy_at_transaction')
    and slice = 'event_kind'
    and return_kind = 'adjusted'
order by horizon, is_looking_ahead
