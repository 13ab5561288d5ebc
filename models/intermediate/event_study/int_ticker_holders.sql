-- The issuer whose filing was the last to bear a ticker: a ticker given to another company belongs to that one from its first filing.
with mentions as (

    select * from {{ ref('int_ticker_mentions') }}

),

last_of_day as (

    select *
    from mentions
    qualify row_number() over (partition by source, market, ticker, available_date order by last_mention desc, issuer_id asc) = 1

),

compared as (

    select
        *,
        lag(issuer_id) over (partition by source, market, ticker order by available_date) as issuer_before
    from last_of_day

)

select
    source,
    market,
    ticker,
    issuer_id,
    issuer_before is null as is_first,
    available_date as valid_from,
    lead(available_date) over (partition by source, market, ticker order by available_date) as valid_to
from compared
where issuer_before is distinct from issuer_id
