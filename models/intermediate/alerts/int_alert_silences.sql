-- Alerts that rest on a source which is not complete through their day.
with status as (

    select * from {{ ref('int_source_status') }}

),

lines as (

    select distinct
        alert_id,
        filing_source
    from {{ ref('int_alert_lines') }}

),

fed as (

    select
        alerts.alert_id,
        alerts.known_on,
        lines.filing_source
    from {{ ref('int_alerts') }} as alerts
    inner join lines on coalesce(alerts.amends_alert_id, alerts.alert_id) = lines.alert_id

    union all

    select
        moves.alert_id,
        moves.known_on,
        amendments.filing_source
    from {{ ref('int_amendment_moves') }} as moves
    inner join {{ ref('int_buy_amendments') }} as amendments
        on moves.source = amendments.source
        and moves.issuer_id = amendments.issuer_id
        and moves.known_on = amendments.known_on

    union all

    select
        alert_id,
        known_on,
        source as filing_source
    from {{ ref('int_unmapped_alerts') }}

)

select
    fed.alert_id,
    {{ ordered_list('distinct fed.filing_source', 'fed.filing_source', ', ') }} as silenced_by
from fed
inner join status
    on fed.filing_source = status.source
    and fed.known_on > status.complete_through
group by fed.alert_id
