with buy_days as (

    select * from {{ ref('int_buy_days') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

transactions as (

    select * from {{ ref('int_current_transactions') }}

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
    buy_days.buyer,
    transactions.role,
    transactions.is_senior,
    transactions.transaction_date,
    transactions.filing_date,
    transactions.available_at,
    transactions.shares,
    transactions.price,
    transactions.currency,
    transactions.value,
    transactions.value_base,
    transactions.url
from buy_days
inner join as_of on buy_days.signal_date = as_of.as_of_date
inner join signal
    on buy_days.source = signal.source
    and buy_days.issuer_id = signal.issuer_id
inner join transactions
    on buy_days.transaction_id = transactions.transaction_id
    and buy_days.version_number = transactions.version_number
