-- Days on which an amendment, correction or cancellation moved an issuer through the ranking, or into it or out of it.
with rules as (

    select * from {{ ref('alert_rules') }}
    where
        rule = 'amendment_moves'
        and is_enabled

),

amended as (

    select distinct
        amendments.source,
        amendments.issuer_id,
        amendments.known_on
    from {{ ref('int_buy_amendments') }} as amendments
    inner join {{ ref('int_as_of') }} as as_of on amendments.known_on <= as_of.as_of_date

),

scores as (

    select * from {{ ref('int_ranked_scores') }}

),

compared as (

    select
        amended.source,
        amended.issuer_id,
        amended.known_on,
        max(case when scores.signal_date < amended.known_on then scores.rank end) as rank_before,
        max(case when scores.signal_date = amended.known_on then scores.rank end) as rank_now,
        max(case when scores.signal_date = amended.known_on then scores.score end) as score
    from amended
    inner join scores
        on amended.source = scores.source
        and amended.issuer_id = scores.issuer_id
        and scores.signal_date between amended.known_on - 1 and amended.known_on
    group by amended.source, amended.issuer_id, amended.known_on

),

moved as (

    select
        rules.rule,
        compared.*,
        compared.source || ':' || compared.issuer_id as topic
    from compared
    inner join rules on coalesce(abs(compared.rank_now - compared.rank_before) >= rules.threshold, true)

)

select
    rule,
    topic,
    {{ alert_id('rule', 'topic', 'known_on') }} as alert_id,
    source,
    issuer_id,
    known_on,
    rank_now as rank,
    score,
    case
        when rank_before is null then 'an amendment brought it to rank ' || cast(rank_now as string)
        when rank_now is null then 'an amendment took it out of the ranking, from rank ' || cast(rank_before as string)
        else 'an amendment moved it from rank ' || cast(rank_before as string) || ' to ' || cast(rank_now as string)
    end as says
from moved
