{{ config(materialized='table') }}

with usable as (

    select *
    from {{ ref('stg_prices__rows') }}
    where reason is null

),

latest as (

    -- What a file said last. The ids of loads follow each other even where the clock is set.
    select *
    from usable
    qualify row_number() over (partition by record_id order by observed_at desc, load_id desc, content_hash asc) = 1

)

select
    record_id,
    series,
    symbol_kind,
    symbol,
    source,
    market,
    session_date,
    -- Some files have 0 where there was no opening price.
    nullif(open, 0) as open,
    close,
    adjusted_close as given_adjusted_close,
    volume,
    coalesce(split_ratio, 1) as split_ratio,
    delisting_return,
    observed_at as first_seen_at
from latest
