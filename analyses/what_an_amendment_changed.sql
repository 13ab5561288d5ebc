-- Which purchases were amended or corrected, and what were shares, price and value before and after?
with versions as (

    select * from {{ ref('insider_transaction_versions') }}

)

select
    amendments.available_date as changed_on,
    amendments.issuer_name,
    originals.transaction_id as transaction_before,
    amendments.transaction_id as transaction_after,
    originals.shares as shares_before,
    amendments.shares as shares_after,
    originals.price as price_before,
    amendments.price as price_after,
    round(amendments.value_base - originals.value_base) as value_base_change
from versions as amendments
inner join versions as originals
    on amendments.source = originals.source
    and amendments.amends_id in (originals.record_id, originals.filing_id)
    and amendments.line_number is not distinct from originals.line_number
    and amendments.available_date = originals.superseded_date
where
    amendments.direction = 'buy'
    and (amendments.shares, amendments.price) is distinct from (originals.shares, originals.price)
order by changed_on desc, transaction_after asc, transaction_before asc, amendments.version_number asc, originals.version_number asc
