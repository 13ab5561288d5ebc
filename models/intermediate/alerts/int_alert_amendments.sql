-- Days on which lines behind an alert were amended, corrected or cancelled: that is told of the alert, and the alert not told again.
with alerts as (

    select * from {{ ref('int_issuer_alerts') }}

),

superseded as (

    select
        lines.alert_id,
        lines.superseded_date as known_on,
        count(*) as line_count
    from {{ ref('int_alert_lines') }} as lines
    inner join {{ ref('int_as_of') }} as as_of on lines.superseded_date <= as_of.as_of_date
    group by lines.alert_id, lines.superseded_date

)

select
    alerts.rule,
    alerts.topic,
    {{ alert_id('alerts.rule', 'alerts.alert_id', 'superseded.known_on') }} as alert_id,
    alerts.alert_id as amends_alert_id,
    alerts.source,
    alerts.issuer_id,
    superseded.known_on,
    'amended, corrected or cancelled: ' || cast(superseded.line_count as string) || ' of the lines behind the alert of '
    || cast(alerts.known_on as string) || ', which said: ' || alerts.says as says
from superseded
inner join alerts on superseded.alert_id = alerts.alert_id
where superseded.known_on > alerts.known_on
