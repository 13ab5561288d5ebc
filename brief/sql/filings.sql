-- What became known after the brief before, newest first.
select
    available_date as filed_on,
    available_at as filed_at,
    case when transaction_date <= $day then transaction_date end as traded,
    ticker,
    coalesce(issuer_name, issuer_id) as issuer,
    market,
    coalesce(insider_name, insider_id) as insider,
    raw_role as title,
    role,
    is_senior,
    coalesce(transaction_type, raw_transaction_type) as transaction_type,
    coalesce(direction, 'none') as direction,
    shares,
    shares_owned_after,
    holding_change,
    price,
    currency,
    value_base,
    signal_exclusion_reason,
    url,
    transaction_id
from marts.insider_transaction_versions
where
    available_date > $since
    and available_date <= $day
    and coalesce(superseded_date > $day, true)
order by available_at desc, transaction_id, version_number
