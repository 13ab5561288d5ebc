-- Each row of the signal is exactly what its evidence adds up to, and its score is the sum of its terms.
with evidence as (

    select
        source,
        issuer_id,
        sum(coalesce(value_base, 0)) as total_buy_value,
        count(distinct buyer) as distinct_buyers,
        count(*) as buy_lines,
        max(transaction_date) as last_buy_date
    from {{ ref('signal_evidence') }}
    group by source, issuer_id

),

signal as (

    select * from {{ ref('daily_insider_signal') }}

)

select
    signal.source,
    signal.issuer_id,
    signal.total_buy_value,
    evidence.total_buy_value as evident_buy_value
from signal
full outer join evidence
    on signal.source = evidence.source
    and signal.issuer_id = evidence.issuer_id
where
    signal.total_buy_value is distinct from evidence.total_buy_value
    or signal.distinct_buyers is distinct from evidence.distinct_buyers
    or signal.buy_lines is distinct from evidence.buy_lines
    or signal.last_buy_date is distinct from evidence.last_buy_date
    or abs(
        signal.score
        - (signal.buy_value_term + signal.distinct_buyers_term + signal.senior_buyer_term + signal.days_since_last_buy_term)
    ) > 1e-9
