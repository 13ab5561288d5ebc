-- Which issuers have insiders bought most over the last 90 days, less what insiders sold?
with events as (

    select
        events.*,
        issuers.issuer_name
    from {{ ref('insider_events') }} as events
    inner join {{ ref('issuers') }} as issuers
        on events.issuer_source = issuers.source
        and events.issuer_id = issuers.issuer_id
    where
        events.transaction_type in ('open_market_purchase', 'open_market_sale')
        and events.transaction_date > events.as_of_date - 90

)

select
    issuer_name,
    round(sum(case direction when 'buy' then value_base when 'sell' then -value_base end)) as net_base,
    count(distinct insider_id) filter (where direction = 'buy') as buyers,
    count(distinct insider_id) filter (where direction = 'sell') as sellers
from events
group by issuer_source, issuer_id, issuer_name
order by net_base desc nulls last, issuer_id asc
