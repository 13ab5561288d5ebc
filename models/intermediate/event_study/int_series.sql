-- Where the prices of a listing break, another series begins. What lies between the two belongs to the first: who asks there finds no price.
with listings as (

    select * from {{ ref('int_listings') }}

),

starts as (

    select
        listing_id,
        0 as from_number
    from listings

    union all

    select
        listing_id,
        session_number as from_number
    from {{ ref('int_price_jumps') }}
    where is_break

)

select
    cast(row_number() over (order by starts.listing_id, starts.from_number) as integer) as series_id,
    starts.listing_id,
    starts.from_number,
    lead(starts.from_number) over (partition by starts.listing_id order by starts.from_number) as before_number,
    listings.source,
    listings.issuer_id,
    listings.market,
    listings.exchange_calendar,
    listings.currency
from starts
inner join listings on starts.listing_id = listings.listing_id
