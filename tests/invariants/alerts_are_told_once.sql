-- A rule tells of a thing once: not again within its quiet days, never before it is known, and of an amendment only as one of what was told before.
with alerts as (

    select * from {{ ref('alerts') }}

),

rules as (

    select * from {{ ref('alert_rules') }}

),

new_alerts as (

    select
        alerts.*,
        rules.quiet_days,
        rules.is_enabled,
        lag(alerts.known_on) over (partition by alerts.rule, alerts.topic order by alerts.known_on) as told_before
    from alerts
    left join rules on alerts.rule = rules.rule
    where alerts.amends_alert_id is null

)

select
    alert_id,
    'told again, by a rule that is off, or before it was known' as reason
from new_alerts
where
    told_before >= known_on - quiet_days
    or not coalesce(is_enabled, false)
    or known_on > as_of_date

union all

select
    amendments.alert_id,
    'amends no earlier alert' as reason
from alerts as amendments
left join alerts as told
    on amendments.amends_alert_id = told.alert_id
    and amendments.rule = told.rule
    and amendments.known_on > told.known_on
where
    amendments.amends_alert_id is not null
    and told.alert_id is null
