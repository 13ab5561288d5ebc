{{ config(materialized='view') }}

with scored as (

    select * from {{ ref('int_issuer_scores') }}

),

sessions as (

    select * from {{ ref('int_sessions') }}

),

markets as (

    select * from {{ ref('markets') }}

),

fed as (

    select distinct
        issuer_source,
        issuer_id,
        source
    from {{ ref('int_buys') }}

),

-- An issuer that issuer_map joins is fed by several sources; the one that lags says how far it is complete.
completeness as (

    select
        fed.issuer_source as source,
        fed.issuer_id,
        min(coalesce(status.complete_through, date '0001-01-01')) as complete_through
    from fed
    left join {{ ref('int_source_status') }} as status on fed.source = status.source
    group by fed.issuer_source, fed.issuer_id

),

ranked as (

    select
        *,
        row_number() over (
            partition by signal_date order by round(score, 9) desc, source asc, issuer_id asc
        ) as overall_rank,
        row_number() over (
            partition by signal_date, market order by round(score, 9) desc, source asc, issuer_id asc
        ) as market_rank
    from scored

)

select
    ranked.source,
    ranked.issuer_id,
    ranked.signal_date,
    ranked.market,
    ranked.total_buy_value,
    ranked.distinct_buyers,
    ranked.senior_buyer_flag,
    ranked.last_buy_date,
    ranked.days_since_last_buy,
    ranked.buy_lines,
    ranked.unpriced_buys,
    ranked.buys_without_currency,
    ranked.buy_value_term,
    ranked.distinct_buyers_term,
    ranked.senior_buyer_term,
    ranked.days_since_last_buy_term,
    ranked.score,
    cast({{ var('score_version') }} as integer) as score_version,
    cast({{ var('role_map_version') }} as integer) as role_map_version,
    cast(ranked.overall_rank as bigint) as rank,
    cast(ranked.market_rank as bigint) as rank_in_market,
    sessions.next_session as tradable_on,
    coalesce(completeness.complete_through < ranked.signal_date, true) as is_source_behind
from ranked
left join markets on ranked.market_settings = markets.market
left join sessions
    on markets.exchange_calendar = sessions.exchange_calendar
    and ranked.signal_date = sessions.date_day
left join completeness
    on ranked.source = completeness.source
    and ranked.issuer_id = completeness.issuer_id
