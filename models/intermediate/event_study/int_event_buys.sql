-- The buys that count on the day of an event.
with event_days as (

    select distinct
        source,
        issuer_id,
        signal_date
    from {{ ref('int_event_days') }}

),

buys as (

    select * from {{ ref('int_buys') }}

),

transactions as (

    select * from {{ ref('int_transaction_versions') }}

),

same_terms as (

    select * from {{ ref('int_same_terms_spans') }}

),

filings as (

    select
        source,
        record_id,
        min(available_date) as available_date
    from {{ ref('int_filing_versions') }}
    group by source, record_id

),

availabilities as (

    select * from {{ ref('int_first_availabilities') }}

)

select
    event_days.source,
    event_days.issuer_id,
    event_days.signal_date,
    buys.transaction_id,
    buys.buyer,
    buys.transaction_date,
    buys.value,
    transactions.role,
    transactions.seniority,
    transactions.currency,
    transactions.shares,
    transactions.price,
    coalesce(same_terms.same_terms_buyers, 1) as same_terms_buyers,
    least(filings.available_date, availabilities.first_available_date) as first_available_date
from event_days
inner join buys
    on event_days.source = buys.issuer_source
    and event_days.issuer_id = buys.issuer_id
    and event_days.signal_date >= buys.first_day
    and event_days.signal_date < buys.day_after
inner join transactions
    on buys.transaction_id = transactions.transaction_id
    and buys.version_number = transactions.version_number
inner join filings
    on transactions.source = filings.source
    and transactions.record_id = filings.record_id
left join availabilities
    on transactions.source = availabilities.source
    and transactions.record_id = availabilities.record_id
    and transactions.version_number = availabilities.version_number
    and transactions.line_ordinal = availabilities.line_ordinal
left join same_terms
    on buys.transaction_id = same_terms.transaction_id
    and buys.version_number = same_terms.version_number
    and {{ holds_on('event_days.signal_date', 'same_terms') }}
