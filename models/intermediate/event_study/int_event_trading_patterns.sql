-- After Cohen, Malloy and Pomorski (2012): who traded in the same calendar month of each of the three years before is routine, who traded in each
-- of the three years but in no such month is opportunistic, and nobody else is classified. One opportunistic buyer makes an event opportunistic.
with buyers as (

    select distinct
        source,
        issuer_id,
        signal_date,
        buyer
    from {{ ref('int_event_buys') }}

),

trades as (

    select * from {{ ref('int_transaction_versions') }}
    where
        transaction_type in ('open_market_purchase', 'open_market_sale')
        and not is_cancelled

),

traded as (

    select distinct
        buyers.source,
        buyers.issuer_id,
        buyers.signal_date,
        buyers.buyer,
        extract(year from trades.transaction_date) as trade_year,
        extract(month from trades.transaction_date) as trade_month
    from buyers
    inner join trades
        on buyers.source = trades.issuer_source
        and buyers.issuer_id = trades.issuer_id
        and buyers.buyer = trades.insider_key
        and {{ holds_on('buyers.signal_date', 'trades', 'available_date', 'superseded_date') }}
    where
        extract(year from trades.transaction_date)
        between extract(year from buyers.signal_date) - 3 and extract(year from buyers.signal_date) - 1

),

months as (

    select
        *,
        count(*) over (partition by source, issuer_id, signal_date, buyer, trade_month) as years_of_month
    from traded

),

classified as (

    select
        source,
        issuer_id,
        signal_date,
        buyer,
        max(years_of_month) = 3 as is_routine
    from months
    group by source, issuer_id, signal_date, buyer
    having count(distinct trade_year) = 3

)

select
    source,
    issuer_id,
    signal_date,
    case when min(case when is_routine then 1 else 0 end) = 1 then 'routine' else 'opportunistic' end as trading_pattern
from classified
group by source, issuer_id, signal_date
