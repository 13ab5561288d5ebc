-- Lines on open-market trades of the issuers that are watched, as they were first filed: what restates an earlier filing tells nothing new.
with watched as (

    select
        issuers.source,
        issuers.issuer_id,
        rules.rule,
        rules.threshold
    from {{ ref('watched_issuers') }} as issuers
    inner join {{ ref('alert_rules') }} as rules on rules.rule = 'watched_issuer' and rules.is_enabled

),

transactions as (

    select * from {{ ref('int_transaction_versions') }}
    where
        version_number = 1
        and not is_cancelled
        and transaction_type in ('open_market_purchase', 'open_market_sale')

),

superseding as (

    select * from {{ ref('int_superseding_filings') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

)

select
    watched.rule,
    watched.threshold,
    watched.source,
    watched.issuer_id,
    transactions.source as filing_source,
    transactions.source || ':' || transactions.filing_id || ':' || watched.issuer_id as topic,
    transactions.filing_id,
    transactions.transaction_id,
    transactions.version_number,
    transactions.direction,
    transactions.value_base,
    transactions.available_date
from transactions
inner join as_of on transactions.available_date <= as_of.as_of_date
inner join watched
    on transactions.issuer_source = watched.source
    and transactions.issuer_id = watched.issuer_id
left join superseding
    on transactions.source = superseding.source
    and transactions.filing_id = superseding.filing_id
    and transactions.available_date >= superseding.supersedes_from
where superseding.filing_id is null
