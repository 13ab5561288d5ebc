-- A ticker stands in a filing for the whole day on which that became available; markets without a name are one market of their own.
with filings as (

    select * from {{ ref('int_filing_versions') }}
    where
        exists (select 1 from {{ ref('int_price_symbols') }})
        and issuer_id is not null
        and nullif(trim(ticker), '') is not null

)

select
    issuer_source as source,
    issuer_id,
    coalesce(market, 'unknown') as market,
    upper(trim(ticker)) as ticker,
    available_date,
    max({{ moment('available_date', 'available_at') }} || ' ' || record_id) as last_mention
from filings
group by issuer_source, issuer_id, coalesce(market, 'unknown'), upper(trim(ticker)), available_date
