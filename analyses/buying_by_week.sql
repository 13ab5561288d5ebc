-- How many purchases by how many insiders in how many issuers did each week bring, by the day on which they became known?
select
    date_trunc('week', available_date)::date as week_of,
    market,
    count(distinct issuer_id) as issuers,
    count(distinct insider_id) as buyers,
    count(*) as lines,
    round(sum(value_base)) as value_base
from {{ ref('insider_transactions') }}
where
    signal_exclusion_reason is null
    and not is_duplicate
group by date_trunc('week', available_date)::date, market
order by week_of desc, market asc
