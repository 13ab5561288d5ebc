-- Why a line version stays out of the signal: the first reason that applies; null where it enters. What its event adds
-- (`below_minimum_value`) depends on the day and is told apart in int_small_events.
with transactions as (

    select * from {{ ref('int_transaction_versions') }}

)

select
    source,
    transaction_id,
    version_number,
    case
        when is_cancelled then 'cancelled'
        when issuer_id is null then 'missing_issuer'
        when transaction_date is null then 'missing_transaction_date'
        when transaction_date < date '1990-01-01' or transaction_date > available_date then 'implausible_date'
        when is_derivative then 'derivative'
        when security_class in ('preferred', 'note', 'unit', 'fund') then 'not_common_equity'
        when coalesce(transaction_type, '') not in ('open_market_purchase', 'open_market_sale') then 'not_open_market'
        when coalesce(direction, '') <> 'buy' then 'not_a_buy'
        when is_planned then 'planned_trade'
        when placement_rule_id is not null then 'placement_or_plan'
        when is_linked_to_share_programme then 'linked_to_share_programme'
        when is_ten_percent_owner_only then 'ten_percent_owner_only'
    end as exclusion_reason
from transactions
