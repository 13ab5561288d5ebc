-- The lines that an alert on an issuer rests on: the buys that counted on its day, or the trades of the filing that it tells of.
with alerts as (

    select * from {{ ref('int_issuer_alerts') }}

),

buys as (

    select * from {{ ref('int_buys') }}

),

filings as (

    select * from {{ ref('int_watched_filings') }}

),

transactions as (

    select * from {{ ref('int_transaction_versions') }}

),

counted as (

    select
        alerts.alert_id,
        buys.transaction_id,
        buys.version_number,
        -- What left the window before it was superseded no longer mattered.
        buys.day_after as matters_until
    from alerts
    inner join buys
        on alerts.source = buys.issuer_source
        and alerts.issuer_id = buys.issuer_id
        and {{ holds_on('alerts.known_on', 'buys', 'first_day', 'day_after') }}
        and coalesce(alerts.buyer = buys.buyer, true)
        and (alerts.rule <> 'new_cluster' or buys.transaction_date > alerts.known_on - {{ var('cluster_days') }})
    where alerts.rule <> 'watched_issuer'

    union all

    select
        alerts.alert_id,
        filings.transaction_id,
        filings.version_number,
        date '9999-12-31' as matters_until
    from alerts
    inner join filings
        on alerts.rule = filings.rule
        and alerts.topic = filings.topic

)

select
    counted.alert_id,
    counted.transaction_id,
    counted.version_number,
    transactions.source as filing_source,
    case when transactions.superseded_date <= counted.matters_until then transactions.superseded_date end as superseded_date
from counted
inner join transactions
    on counted.transaction_id = transactions.transaction_id
    and counted.version_number = transactions.version_number
