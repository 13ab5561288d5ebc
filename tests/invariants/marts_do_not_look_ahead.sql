-- Nothing that became available after the as-of date is in a mart that describes it.
with known as (

    select
        'insider_transactions' as mart,
        transaction_id as row_id,
        as_of_date,
        available_date
    from {{ ref('insider_transactions') }}
    union all
    select
        'insider_events' as mart,
        event_id as row_id,
        as_of_date,
        first_available_date as available_date
    from {{ ref('insider_events') }}
    union all
    select
        'issuers' as mart,
        issuer_id as row_id,
        as_of_date,
        last_available_date as available_date
    from {{ ref('issuers') }}
    union all
    select
        'insiders' as mart,
        insider_key as row_id,
        as_of_date,
        last_available_date as available_date
    from {{ ref('insiders') }}
    union all
    select
        'issuer_scores' as mart,
        scores.issuer_id as row_id,
        as_of.as_of_date,
        scores.signal_date as available_date
    from {{ ref('issuer_scores') }} as scores
    cross join {{ ref('int_as_of') }} as as_of
    union all
    select
        'buy_clusters' as mart,
        clusters.issuer_id as row_id,
        as_of.as_of_date,
        clusters.signal_date as available_date
    from {{ ref('buy_clusters') }} as clusters
    cross join {{ ref('int_as_of') }} as as_of
    union all
    -- Of a cluster nothing lies after its own day.
    select
        'buy_clusters' as mart,
        issuer_id as row_id,
        signal_date as as_of_date,
        greatest(cluster_since, last_buy_date) as available_date
    from {{ ref('buy_clusters') }}

)

select *
from known
where available_date > as_of_date
