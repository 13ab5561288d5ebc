{{ config(materialized='view') }}

-- Why a line version stays out of the signal: the first reason that applies; null where it enters. What depends on the day is told
-- elsewhere: `below_minimum_value` in int_event_lines, `same_terms` in int_same_terms_spans.
with transactions as (

    select * from {{ ref('int_transaction_versions') }}

)

select
    transactions.*,
    coalesce(
        transactions.direction = 'buy'
        and not transactions.is_derivative
        and transactions.transaction_type in ('open_market_purchase', 'open_market_sale'),
        false
    ) as is_share_purchase,
    case
        when transactions.is_cancelled then 'cancelled'
        when transactions.issuer_id is null then 'missing_issuer'
        when transactions.transaction_date is null then 'missing_transaction_date'
        when transactions.transaction_date < date '1990-01-01' or transactions.transaction_date > transactions.available_date then 'implausible_date'
        when transactions.is_derivative then 'derivative'
        when transactions.security_class in ('preferred', 'note', 'unit', 'fund') then 'not_common_equity'
        when coalesce(transactions.transaction_type, '') not in ('open_market_purchase', 'open_market_sale') then 'not_open_market'
        when not transactions.is_signal_form then 'not_open_market'
        when coalesce(transactions.direction, '') <> 'buy' then 'not_a_buy'
        when transactions.is_planned then 'planned_trade'
        when transactions.placement_rule_id is not null then 'placement_or_plan'
        when transactions.is_linked_to_share_programme then 'linked_to_share_programme'
        when transactions.is_ten_percent_owner_only then 'ten_percent_owner_only'
    end as exclusion_reason
from transactions
