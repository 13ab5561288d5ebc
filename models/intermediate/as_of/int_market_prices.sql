-- What shares of a class usually cost in a market and how many are traded at once: the median of its issuers, each counted once. Where
-- fewer than five issuers of the class are known, those of all classes stand for them; where these are fewer too, nobody knows.
{%- set enough_issuers = 5 %}
with usual_prices as (

    select * from {{ ref('int_usual_prices') }}

),

classes as (

    select
        market,
        currency,
        security_class,
        median(usual_price) as usual_price,
        count(usual_price) as priced_issuers,
        median(usual_shares) as usual_shares,
        count(usual_shares) as counted_issuers
    from usual_prices
    group by market, currency, security_class

),

markets as (

    select
        market,
        currency,
        median(usual_price) as usual_price,
        count(usual_price) as priced_issuers,
        median(usual_shares) as usual_shares,
        count(usual_shares) as counted_issuers
    from usual_prices
    group by market, currency

)

select
    classes.market,
    classes.currency,
    classes.security_class,
    case
        when classes.priced_issuers >= {{ enough_issuers }} then classes.usual_price
        when markets.priced_issuers >= {{ enough_issuers }} then markets.usual_price
    end as usual_price,
    case
        when classes.counted_issuers >= {{ enough_issuers }} then classes.usual_shares
        when markets.counted_issuers >= {{ enough_issuers }} then markets.usual_shares
    end as usual_shares
from classes
inner join markets
    on classes.market is not distinct from markets.market
    and classes.currency is not distinct from markets.currency
