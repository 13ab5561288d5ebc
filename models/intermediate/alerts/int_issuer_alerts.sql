-- What the rules on issuers tell, each thing once: `topic` is what the rule tells of.
with scores as (

    select
        *,
        source || ':' || issuer_id as topic,
        cast({{ decimal_of_double('score', 28) }} as decimal(18, 2)) as shown_score
    from {{ ref('int_score_alerts') }}

),

first_buys as (

    select
        *,
        source || ':' || issuer_id || ':' || buyer as topic
    from {{ ref('int_first_buy_alerts') }}

),

filings as (

    select
        rule,
        topic,
        source,
        issuer_id,
        filing_id,
        min(available_date) as known_on,
        cast(sum(case when direction = 'buy' then coalesce(value_base, 0) else 0 end) as decimal(38, 6)) as bought,
        cast(sum(case when direction = 'buy' then 0 else coalesce(value_base, 0) end) as decimal(38, 6)) as sold
    from {{ ref('int_watched_filings') }}
    group by rule, topic, source, issuer_id, filing_id
    having sum(coalesce(value_base, 0)) >= min(threshold)

)

select
    rule,
    topic,
    {{ alert_id('rule', 'topic', 'known_on') }} as alert_id,
    source,
    issuer_id,
    cast(null as string) as buyer,
    known_on,
    rank,
    score,
    total_buy_value as value_base,
    case rule
        when 'new_cluster' then cast(distinct_buyers as string) || ' insiders bought for ' || {{ amount_text('total_buy_value') }}
        when 'score_above' then 'the score rose to ' || cast(shown_score as string)
        else 'on rank ' || cast(rank as string) || ' with a score of ' || cast(shown_score as string)
    end as says
from scores

union all

select
    rule,
    topic,
    {{ alert_id('rule', 'topic', 'known_on') }} as alert_id,
    source,
    issuer_id,
    buyer,
    known_on,
    cast(null as bigint) as rank,
    cast(null as double) as score,
    value_base,
    'a senior insider (' || buyer || ') bought for ' || {{ amount_text('value_base') }}
    || ', the first purchase in ' || cast(quiet_days as string) || ' days' as says
from first_buys

union all

select
    rule,
    topic,
    {{ alert_id('rule', 'topic', 'known_on') }} as alert_id,
    source,
    issuer_id,
    cast(null as string) as buyer,
    known_on,
    cast(null as bigint) as rank,
    cast(null as double) as score,
    cast(bought + sold as decimal(38, 6)) as value_base,
    'filing ' || filing_id || ': bought for ' || {{ amount_text('bought') }} || ', sold for ' || {{ amount_text('sold') }} as says
from filings
