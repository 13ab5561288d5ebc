-- The ticker that an issuer's last filing bears, for each market: from the day that first bears it to the day that bears another.
with mentions as (

    select * from {{ ref('int_ticker_mentions') }}

),

last_of_day as (

    select *
    from mentions
    qualify row_number() over (partition by source, issuer_id, market, available_date order by last_mention desc, ticker asc) = 1

),

compared as (

    select
        *,
        lag(ticker) over (partition by source, issuer_id, market order by available_date) as ticker_before
    from last_of_day

)

select
    source,
    issuer_id,
    market,
    ticker,
    ticker_before is null as is_first,
    available_date as valid_from,
    lead(available_date) over (partition by source, issuer_id, market order by available_date) as valid_to
from compared
where ticker_before is distinct from ticker
