-- Purchases of shares on whose day another insider bought that class of share too, with the buyer, for as long as each stands.
with purchases as (

    select
        *,
        coalesce(security_class, 'common') as class_bought
    from {{ ref('int_transaction_exclusions') }}
    where
        is_share_purchase
        and not is_cancelled
        and issuer_id is not null
        and transaction_date is not null

),

in_force as (

    select * from {{ ref('int_transaction_spans') }}
    where not is_duplicate

),

names as (

    select * from {{ ref('int_name_spans') }}

),

crowded_days as (

    select
        issuer_source,
        issuer_id,
        transaction_date,
        class_bought
    from purchases
    group by issuer_source, issuer_id, transaction_date, class_bought
    having min(insider_key) <> max(insider_key)

)

select
    purchases.transaction_id,
    purchases.version_number,
    {{ fingerprint(['purchases.issuer_source', 'purchases.issuer_id', 'purchases.transaction_date', 'purchases.class_bought']) }} as day_key,
    purchases.price,
    purchases.currency,
    purchases.shares,
    coalesce(purchases.insider_id, names.insider_id, purchases.insider_key) as buyer,
    greatest(in_force.valid_from, coalesce(names.valid_from, in_force.valid_from)) as valid_from,
    least(in_force.valid_to, names.valid_to) as valid_to
from purchases
inner join crowded_days
    on purchases.issuer_source = crowded_days.issuer_source
    and purchases.issuer_id = crowded_days.issuer_id
    and purchases.transaction_date = crowded_days.transaction_date
    and purchases.class_bought = crowded_days.class_bought
inner join in_force
    on {{ same_transaction_version('purchases', 'in_force') }}
left join names
    on purchases.insider_id is null
    and purchases.issuer_source = names.issuer_source
    and purchases.issuer_id = names.issuer_id
    and purchases.normalized_name = names.normalized_name
    and {{ overlap('in_force', 'names') }}
