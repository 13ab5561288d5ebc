with alerts as (

    select * from {{ ref('int_alerts') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

issuers as (

    select * from {{ ref('issuers') }}

),

silences as (

    select * from {{ ref('int_alert_silences') }}

)

select
    as_of.as_of_date,
    alerts.alert_id,
    alerts.amends_alert_id,
    alerts.rule,
    alerts.topic,
    alerts.known_on,
    alerts.source,
    alerts.issuer_id,
    issuers.issuer_name,
    issuers.ticker,
    issuers.market,
    alerts.rank,
    alerts.score,
    alerts.value_base,
    '{{ var("base_currency") }}' as base_currency,
    alerts.says,
    silences.silenced_by
from alerts
cross join as_of
left join issuers
    on alerts.source = issuers.source
    and alerts.issuer_id = issuers.issuer_id
left join silences on alerts.alert_id = silences.alert_id
