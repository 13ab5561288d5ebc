-- Buys that count, and their buyers, by the week in which they became known.
with buys as (

    select
        signal_buys.source,
        signal_buys.issuer_id,
        signal_buys.transaction_id,
        min_by(signal_buys.buyer, signal_buys.valid_from) as buyer,
        min(signal_buys.valid_from) as known_on
    from marts.signal_buys as signal_buys
    where valid_from <= $day
    group by signal_buys.source, signal_buys.issuer_id, signal_buys.transaction_id

),

markets as (

    select
        transaction_id,
        min_by(market, version_number) as market
    from marts.insider_transaction_versions
    where available_date <= $day
    group by transaction_id

)

select
    cast(date_trunc('week', buys.known_on) as date) as week,
    coalesce(markets.market, 'unknown') as market,
    count(*) as buys,
    count(distinct (buys.source, buys.issuer_id, buys.buyer)) as buyers
from buys
left join markets on buys.transaction_id = markets.transaction_id
where buys.known_on > cast(date_trunc('week', $day) as date) - 7 * 26
group by week, coalesce(markets.market, 'unknown')
order by week, market
