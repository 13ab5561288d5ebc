with buys as (

    select * from {{ ref('int_buys') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

)

select
    as_of.as_of_date,
    buys.issuer_source as source,
    buys.issuer_id,
    buys.source as filing_source,
    buys.transaction_id,
    buys.version_number,
    buys.buyer,
    buys.role,
    buys.seniority,
    buys.is_senior,
    buys.transaction_date,
    buys.value_base,
    buys.first_day as valid_from,
    -- When it will stop to count is not known yet where that lies ahead.
    case when buys.day_after <= as_of.as_of_date then buys.day_after end as valid_to
from buys
inner join as_of on buys.first_day <= as_of.as_of_date
