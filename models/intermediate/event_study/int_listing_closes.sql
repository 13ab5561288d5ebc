{{ config(materialized='view') }}

with prices as (

    select * from {{ ref('int_listing_prices') }}

),

bases as (

    select * from {{ ref('int_listing_bases') }}

)

select
    prices.listing_id,
    prices.session_number,
    prices.session_date,
    prices.symbol,
    prices.open,
    prices.close,
    prices.volume,
    prices.split_factor,
    prices.adjusted_open * coalesce(bases.basis, 1) as adjusted_open,
    prices.adjusted_close * coalesce(bases.basis, 1) as adjusted_close,
    prices.delisting_return
from prices
left join bases
    on prices.listing_id = bases.listing_id
    and prices.session_number > bases.after_number
    and prices.session_number <= bases.last_number
