-- Each eligible buy with its buyer, for the days on which it counts: known, in force, and traded within the window.
with eligible as (

    select * from {{ ref('int_eligible_spans') }}

),

transactions as (

    select * from {{ ref('int_transaction_versions') }}

),

names as (

    select * from {{ ref('int_name_spans') }}

),

weights as (

    select * from {{ ref('int_score_weights') }}

),

role_weights as (

    select * from {{ ref('int_role_weights') }}
    where version = {{ var('score_version') }}

),

buys as (

    select
        transactions.*,
        case when transactions.insider_id is null then transactions.normalized_name end as name_without_id,
        eligible.valid_from,
        eligible.valid_to
    from eligible
    inner join transactions
        on {{ same_transaction_version('eligible', 'transactions') }}

),

resolved as (

    select
        buys.*,
        coalesce(buys.insider_id, names.insider_id, buys.insider_key) as buyer,
        case when buys.is_senior then weights.senior_buyer else 0 end + coalesce(role_weights.weight, 0) as role_weight,
        greatest(buys.valid_from, coalesce(names.valid_from, buys.valid_from), buys.transaction_date) as first_day,
        least(buys.valid_to, names.valid_to, buys.transaction_date + {{ var('signal_window_days') + 1 }}) as day_after
    from buys
    left join names
        on buys.issuer_source = names.issuer_source
        and buys.issuer_id = names.issuer_id
        and buys.name_without_id = names.normalized_name
    cross join weights
    left join role_weights on buys.role = role_weights.role

)

select
    source,
    issuer_source,
    issuer_id,
    market,
    market_settings,
    transaction_id,
    version_number,
    buyer,
    role,
    seniority,
    is_senior,
    role_weight,
    transaction_date,
    currency,
    value,
    value_base,
    first_day,
    day_after
from resolved
where first_day < day_after
