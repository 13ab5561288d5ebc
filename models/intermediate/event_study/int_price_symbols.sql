with closes as (

    select * from {{ ref('stg_prices__closes') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

)

select
    closes.symbol_kind,
    closes.symbol,
    closes.source,
    closes.market,
    min(closes.session_date) as first_date,
    max(closes.session_date) as last_date
from closes
inner join as_of on closes.session_date <= as_of.as_of_date
group by closes.symbol_kind, closes.symbol, closes.source, closes.market
