{%- set study = var('study') %}
with positions as (

    select * from {{ ref('int_positions') }}

),

issuers as (

    select * from {{ ref('int_study_issuers') }}

),

series as (

    select * from {{ ref('int_study_series') }}

),

found as (

    select
        positions.series_id,
        positions.tradable_number,
        issuers.last_number,
        issuers.market_last_number,
        case
            when positions.tradable_number < issuers.first_number then issuers.first_number
            else series.next_priced_number
        end as priced_number
    from positions
    inner join issuers on positions.series_id = issuers.series_id
    left join series
        on positions.series_id = series.series_id
        and positions.tradable_number = series.session_number

)

select
    series_id,
    tradable_number,
    last_number,
    market_last_number,
    case when priced_number <= tradable_number + {{ study['wait_sessions'] }} then priced_number end as entry_number
from found
