with lags as (

    select * from {{ ref('int_filing_lags') }}

),

transactions as (

    select * from {{ ref('int_current_transactions') }}

),

status as (

    select * from {{ ref('int_source_status') }}

)

select
    transactions.as_of_date,
    transactions.source,
    transactions.market,
    transactions.filing_id,
    transactions.transaction_id,
    transactions.issuer_id,
    transactions.insider_id,
    lags.regulator,
    lags.rule,
    lags.clock,
    transactions.transaction_date,
    lags.measured_on,
    lags.measured_date,
    lags.day_kind,
    lags.deadline_days,
    lags.deadline_date,
    lags.lag_days,
    lags.is_late,
    coalesce(status.is_source_behind, true) as is_source_behind
from lags
inner join transactions
    on {{ same_transaction_version('lags', 'transactions') }}
left join status on transactions.source = status.source
