{{ config(materialized='view') }}

with filings as (

    select * from {{ ref('int_current_filings') }}
    where filing_date is not null

),

transactions as (

    select
        source,
        record_id,
        count(*) as line_count
    from {{ ref('int_current_transactions') }}
    group by source, record_id

)

select
    filings.source,
    coalesce(filings.market, 'unknown') as market,
    filings.market_settings,
    filings.filing_date,
    min(filings.as_of_date) as as_of_date,
    count(distinct filings.filing_id) as filing_count,
    count(*) as record_count,
    cast(coalesce(sum(transactions.line_count), 0) as bigint) as line_count
from filings
left join transactions
    on filings.source = transactions.source
    and filings.record_id = transactions.record_id
group by filings.source, coalesce(filings.market, 'unknown'), filings.market_settings, filings.filing_date
