-- Which purchases were amended or corrected, and what were shares, price and value before and after?
with versions as (

    select * from {{ ref('insider_transaction_versions') }}

)

select
    supersessions.known_date as changed_on,
    supersessions.supersession_kind,
    originals.issuer_name,
    originals.transaction_id as transaction_before,
    amendments.transaction_id as transaction_after,
    originals.shares as shares_before,
    amendments.shares as shares_after,
    originals.price as price_before,
    amendments.price as price_after,
    round(amendments.value_base - originals.value_base) as value_base_change
from {{ ref('line_supersessions') }} as supersessions
inner join versions as originals
    on supersessions.transaction_id = originals.transaction_id
    and supersessions.version_number = originals.version_number
inner join versions as amendments
    on supersessions.source = amendments.source
    and supersessions.superseding_record_id = amendments.record_id
    and coalesce(supersessions.superseding_version_number, amendments.version_number) = amendments.version_number
    -- A record that names another one amends all its lines: the line of the same number says what it is now.
    and coalesce(
        supersessions.superseding_transaction_id = amendments.transaction_id,
        originals.line_number is not distinct from amendments.line_number
    )
where
    originals.direction = 'buy'
    and (originals.shares, originals.price) is distinct from (amendments.shares, amendments.price)
order by
    changed_on desc, transaction_before asc, originals.version_number asc, transaction_after asc, amendments.version_number asc
