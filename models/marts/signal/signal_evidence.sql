with buys as (

    select * from {{ ref('int_buys') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

transactions as (

    select * from {{ ref('int_current_transactions') }}

),

price_flags as (

    select * from {{ ref('int_price_flags') }}

),

first_buys as (

    select * from {{ ref('int_first_buys') }}

),

signal as (

    select * from {{ ref('daily_insider_signal') }}

)

select
    signal.as_of_date,
    signal.rank,
    signal.source,
    signal.issuer_id,
    signal.issuer_name,
    transactions.transaction_id,
    transactions.version_number,
    transactions.filing_id,
    transactions.source as filing_source,
    transactions.insider_id,
    transactions.insider_name,
    buys.buyer,
    transactions.role,
    transactions.is_senior,
    transactions.transaction_date,
    transactions.filing_date,
    transactions.available_at,
    transactions.shares,
    transactions.shares_owned_after,
    transactions.holding_change,
    transactions.price,
    price_flags.price_flag,
    transactions.same_terms_buyers,
    first_buys.is_first_buy,
    transactions.currency,
    transactions.value,
    transactions.value_base,
    transactions.url
from buys
inner join as_of
    on {{ holds_on('as_of.as_of_date', 'buys', 'first_day', 'day_after') }}
inner join signal
    on buys.issuer_source = signal.source
    and buys.issuer_id = signal.issuer_id
inner join transactions
    on {{ same_transaction_version('buys', 'transactions') }}
left join price_flags
    on {{ same_transaction_version('buys', 'price_flags') }}
left join first_buys
    on {{ same_transaction_version('buys', 'first_buys') }}
