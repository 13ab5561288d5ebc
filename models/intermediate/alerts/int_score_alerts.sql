-- Days on which an issuer meets a rule on its score or its buyers, and had not met it for the rule's quiet days before.
with rules as (

    select * from {{ ref('alert_rules') }}
    where is_enabled

),

scores as (

    select
        rules.rule,
        rules.quiet_days,
        scores.source,
        scores.issuer_id,
        scores.signal_date,
        scores.rank,
        scores.score,
        scores.distinct_buyers,
        scores.total_buy_value
    from {{ ref('int_ranked_scores') }} as scores
    inner join rules
        on (rules.rule = 'score_above' and scores.score >= cast(rules.threshold as double))
        or (rules.rule = 'rank_within' and scores.rank <= rules.threshold)

),

clusters as (

    select
        rules.rule,
        rules.quiet_days,
        clusters.source,
        clusters.issuer_id,
        clusters.signal_date,
        cast(null as bigint) as rank,
        cast(null as double) as score,
        clusters.distinct_buyers,
        clusters.total_buy_value
    from {{ ref('int_buy_clusters') }} as clusters
    inner join {{ ref('alert_rules') }} as rules
        on rules.rule = 'new_cluster'
        and rules.is_enabled
        and clusters.distinct_buyers >= rules.threshold

),

met as (

    select * from scores
    union all
    select * from clusters

),

followed as (

    select
        *,
        lag(signal_date) over (partition by rule, source, issuer_id order by signal_date) as met_before
    from met

)

select
    rule,
    source,
    issuer_id,
    signal_date as known_on,
    rank,
    score,
    distinct_buyers,
    total_buy_value
from followed
where
    met_before is null
    or {{ days_from('met_before', 'signal_date') }} > quiet_days
