with filings as (

    select
        filings.*,
        coalesce(status.is_source_behind, true) as is_source_behind
    from {{ ref('int_current_filings') }} as filings
    left join {{ ref('int_source_status') }} as status on filings.source = status.source
    where filings.issuer_id is not null

),

issuers as (

    select
        issuer_source as source,
        issuer_id,
        min(as_of_date) as as_of_date,
        max_by(issuer_name, (available_at, record_id, source)) filter (where issuer_name is not null) as issuer_name,
        max_by(ticker, (available_at, record_id, source)) filter (where ticker is not null) as ticker,
        max_by(market, (available_at, record_id, source)) filter (where market is not null) as market,
        {{ ordered_list('distinct ticker', 'ticker', ', ') }} as tickers_seen,
        count(distinct filing_id) as filing_count,
        min(available_date) as first_available_date,
        max(available_date) as last_available_date,
        bool_or(is_source_behind) as is_source_behind
    from filings
    group by issuer_source, issuer_id

)

select
    issuers.as_of_date,
    issuers.source,
    issuers.issuer_id,
    issuers.issuer_name,
    issuers.ticker,
    issuers.tickers_seen,
    issuers.market,
    issuers.filing_count,
    issuers.first_available_date,
    issuers.last_available_date,
    issuers.is_source_behind
from issuers
