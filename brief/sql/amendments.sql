-- The days on which a buy that counted was superseded.
select distinct
    buys.source,
    buys.issuer_id,
    date_diff('day', lines.superseded_date, $day) as days_ago
from marts.signal_buys as buys
inner join marts.insider_transaction_versions as lines
    on buys.transaction_id = lines.transaction_id
    and buys.version_number = lines.version_number
where
    lines.superseded_date between $day - 89 and $day
    and buys.valid_to = lines.superseded_date
order by buys.source, buys.issuer_id, days_ago
