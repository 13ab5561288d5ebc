-- Which purchases of the issuer ranked first 60 days before the as-of date were visible on that day, and what became of them?
with leaders as (

    select
        source,
        issuer_id,
        signal_date as past_day
    from {{ ref('issuer_scores') }}
    where rank = 1
    qualify signal_date = max(signal_date) over () - 60

)

select
    leaders.past_day,
    versions.transaction_id,
    versions.insider_name,
    versions.transaction_date,
    versions.shares,
    versions.price,
    versions.available_date,
    versions.superseded_date,
    versions.signal_exclusion_reason
from {{ ref('insider_transaction_versions') }} as versions
inner join leaders
    on versions.issuer_source = leaders.source
    and versions.issuer_id = leaders.issuer_id
where
    versions.available_date <= leaders.past_day
    and coalesce(leaders.past_day < versions.superseded_date, true)
    and versions.transaction_date between leaders.past_day - 30 and leaders.past_day
    and versions.direction = 'buy'
order by versions.available_at, versions.transaction_id, versions.version_number
