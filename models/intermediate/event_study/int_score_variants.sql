with panel as (

    select * from {{ ref('int_score_panel') }}

),

buys as (

    select * from {{ ref('int_buys') }}

),

versions as (

    select * from {{ ref('int_score_versions') }}

),

role_weights as (

    select * from {{ ref('int_role_weights') }}

),

roles as (

    select
        panel.source,
        panel.issuer_id,
        panel.signal_date,
        max(role_weights.weight) as role_weight
    from panel
    inner join buys
        on panel.source = buys.issuer_source
        and panel.issuer_id = buys.issuer_id
        and {{ holds_on('panel.signal_date', 'buys', 'first_day', 'day_after') }}
    inner join role_weights on buys.role = role_weights.role
    where role_weights.version = 2
    group by panel.source, panel.issuer_id, panel.signal_date

),

terms as (

    select
        panel.*,
        version_1.log_buy_value * panel.log_buy_value as buy_value_term,
        version_1.distinct_buyers * panel.distinct_buyers as distinct_buyers_term,
        version_1.senior_buyer * panel.senior_buyers as senior_buyer_term,
        version_1.days_since_last_buy * panel.days_since_last_buy as days_since_last_buy_term,
        version_2.log_buy_value * panel.log_buy_value
        + version_2.distinct_buyers * panel.distinct_buyers
        + case when panel.distinct_buyers >= 2 then version_2.buyer_cluster else 0 end
        + version_2.senior_buyer * panel.senior_buyers
        + coalesce(roles.role_weight, 0)
        + version_2.days_since_last_buy * panel.days_since_last_buy as score_version_2
    from panel
    inner join versions as version_1 on version_1.version = 1
    inner join versions as version_2 on version_2.version = 2
    left join roles
        on panel.source = roles.source
        and panel.issuer_id = roles.issuer_id
        and panel.signal_date = roles.signal_date

)

select
    signal_date,
    source,
    issuer_id,
    market,
    series_id,
    tradable_number,
    buy_value_term + distinct_buyers_term + senior_buyer_term + days_since_last_buy_term as score_version_1,
    score_version_2,
    distinct_buyers_term + senior_buyer_term + days_since_last_buy_term as without_log_buy_value,
    buy_value_term + senior_buyer_term + days_since_last_buy_term as without_distinct_buyers,
    buy_value_term + distinct_buyers_term + days_since_last_buy_term as without_senior_buyer,
    buy_value_term + distinct_buyers_term + senior_buyer_term as without_days_since_last_buy
from terms
