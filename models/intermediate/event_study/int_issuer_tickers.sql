-- An issuer's first ticker reaches back before its first filing, unless another issuer had it before: returns need a past to be measured
-- against. What is known of it begins with the filing all the same.
with mentions as (

    select * from {{ ref('int_ticker_mentions') }}

),

-- The ticker of an issuer's last filing.
own as (

    {{ spans_of_last_mention('mentions', ['source', 'issuer_id', 'market'], 'ticker') }}

),

-- The issuer of a ticker's last filing: a ticker given to another company belongs to that one from its first filing.
holders as (

    {{ spans_of_last_mention('mentions', ['source', 'market', 'ticker'], 'issuer_id') }}

),

spans as (

    select
        own.source,
        own.issuer_id,
        own.market,
        own.ticker,
        greatest(own.valid_from, holders.valid_from) as known_from,
        greatest(
            case when own.is_first then date '0001-01-01' else own.valid_from end,
            case when holders.is_first then date '0001-01-01' else holders.valid_from end
        ) as valid_from,
        least(own.valid_to, holders.valid_to) as valid_to
    from own
    inner join holders
        on own.source = holders.source
        and own.market = holders.market
        and own.ticker = holders.ticker
        and own.issuer_id = holders.issuer_id

)

select *
from spans
where valid_to is null or known_from < valid_to
