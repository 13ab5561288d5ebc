-- Which insiders sold shares of an issuer within six months after they had bought some?
with events as (

    select * from {{ ref('insider_events') }}
    where insider_id is not null

)

select
    sales.transaction_date as sold_on,
    min(sales.first_available_date) as sale_known_on,
    sales.insider_name,
    max(buys.transaction_date) as bought_on,
    sales.transaction_date - max(buys.transaction_date) as days_between,
    round(max(sales.value_base)) as sold_base,
    round(sum(buys.value_base)) as bought_base
from events as sales
inner join events as buys
    on sales.issuer_source = buys.issuer_source
    and sales.issuer_id = buys.issuer_id
    and sales.source = buys.source
    and sales.insider_id = buys.insider_id
    and sales.transaction_date > buys.transaction_date
    and sales.transaction_date - 183 <= buys.transaction_date
where
    sales.transaction_type = 'open_market_sale'
    and sales.direction = 'sell'
    and buys.eligible_lines > 0
group by sales.event_id, sales.transaction_date, sales.insider_name
order by sold_on desc, sales.event_id asc
