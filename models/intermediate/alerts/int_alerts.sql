-- All alerts through the as-of date, in one shape.
{%- set filing_sources = "'" ~ filing_sources() | join("', '") ~ "'" %}

with behind as (

    select
        rules.rule,
        status.source,
        status.complete_through,
        status.complete_through + cast(rules.threshold as integer) as known_on
    from {{ ref('int_source_status') }} as status
    cross join {{ ref('alert_rules') }} as rules
    where
        rules.rule = 'source_behind'
        and rules.is_enabled
        and status.source in ({{ filing_sources }})
        and status.complete_through + cast(rules.threshold as integer) <= status.as_of_date

)

select
    alert_id,
    cast(null as string) as amends_alert_id,
    rule,
    topic,
    known_on,
    source,
    issuer_id,
    rank,
    score,
    value_base,
    says
from {{ ref('int_issuer_alerts') }}

union all

select
    alert_id,
    amends_alert_id,
    rule,
    topic,
    known_on,
    source,
    issuer_id,
    cast(null as bigint) as rank,
    cast(null as double) as score,
    cast(null as decimal(38, 6)) as value_base,
    says
from {{ ref('int_alert_amendments') }}

union all

select
    alert_id,
    cast(null as string) as amends_alert_id,
    rule,
    topic,
    known_on,
    source,
    issuer_id,
    rank,
    score,
    cast(null as decimal(38, 6)) as value_base,
    says
from {{ ref('int_amendment_moves') }}

union all

select
    alert_id,
    cast(null as string) as amends_alert_id,
    rule,
    topic,
    known_on,
    source,
    cast(null as string) as issuer_id,
    cast(null as bigint) as rank,
    cast(null as double) as score,
    value_base,
    says
from {{ ref('int_unmapped_alerts') }}

union all

select
    {{ alert_id('rule', 'source', 'known_on') }} as alert_id,
    cast(null as string) as amends_alert_id,
    rule,
    source as topic,
    known_on,
    source,
    cast(null as string) as issuer_id,
    cast(null as bigint) as rank,
    cast(null as double) as score,
    cast(null as decimal(38, 6)) as value_base,
    'complete only through ' || cast(complete_through as string) || ': alerts of later days that rest on it wait until it is loaded' as says
from behind
