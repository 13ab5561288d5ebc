-- Whom a name without an id stands for, between every two changes: the smallest id of that name, if there is one.
with named as (

    select * from {{ ref('int_named_insiders') }}

),

segments as (

    {{ spans_between_changes('named', ['issuer_source', 'issuer_id', 'normalized_name'], ["date '0001-01-01'", 'valid_from', 'valid_to']) }}

)

select
    segments.issuer_source,
    segments.issuer_id,
    segments.normalized_name,
    segments.valid_from,
    segments.valid_to,
    min(named.insider_id) as insider_id
from segments
left join named
    on segments.issuer_source = named.issuer_source
    and segments.issuer_id = named.issuer_id
    and segments.normalized_name = named.normalized_name
    and {{ holds_on('segments.valid_from', 'named') }}
group by
    segments.issuer_source,
    segments.issuer_id,
    segments.normalized_name,
    segments.valid_from,
    segments.valid_to
