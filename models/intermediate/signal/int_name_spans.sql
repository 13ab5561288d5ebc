-- Whom a name without an id stands for, between every two changes: the smallest id of that name, if there is one.
with named as (

    select * from {{ ref('int_named_insiders') }}

),

spans as (

    {{ spans_between_changes('named', ['issuer_source', 'issuer_id', 'normalized_name'], ["date '0001-01-01'", 'valid_from', 'valid_to']) }}

)

select
    spans.issuer_source,
    spans.issuer_id,
    spans.normalized_name,
    spans.valid_from,
    spans.valid_to,
    min(named.insider_id) as insider_id
from spans
left join named
    on spans.issuer_source = named.issuer_source
    and spans.issuer_id = named.issuer_id
    and spans.normalized_name = named.normalized_name
    and {{ holds_on('spans.valid_from', 'named') }}
group by
    spans.issuer_source,
    spans.issuer_id,
    spans.normalized_name,
    spans.valid_from,
    spans.valid_to
