-- Whose prices the study needs: every issuer with a score, in the market of the score.
with scored as (

    select distinct
        source,
        issuer_id,
        coalesce(market, 'unknown') as market
    from {{ ref('int_study_scores') }}

),

markets as (

    select * from {{ ref('markets') }}

)

select
    cast(row_number() over (order by scored.source, scored.issuer_id, scored.market) as integer) as listing_id,
    scored.source,
    scored.issuer_id,
    scored.market,
    coalesce(known.exchange_calendar, default_market.exchange_calendar) as exchange_calendar,
    coalesce(known.default_currency, default_market.default_currency) as currency
from scored
inner join markets as default_market on default_market.market = 'unknown'
left join markets as known on scored.market = known.market
