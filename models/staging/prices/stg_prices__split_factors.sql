with splits as (

    select
        series,
        session_date,
        split_ratio
    from {{ ref('stg_prices__prices') }}
    where split_ratio <> 1

)

-- A product by logarithms, rounded to what the ratios were; on the day of a split prices are on the new basis already.
select
    series,
    lag(session_date) over (partition by series order by session_date) as valid_from,
    session_date as valid_before,
    round(exp(sum(ln(split_ratio)) over (
        partition by series order by session_date desc rows between unbounded preceding and current row
    )), 12) as split_factor
from splits
