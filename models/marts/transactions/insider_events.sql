{%- set mean_price = as_double('events.paid', 12) ~ ' / nullif(' ~ as_double('events.priced_shares') ~ ', 0)' %}

with transactions as (

    select
        visible.*,
        coalesce(status.is_source_behind, true) as is_source_behind
    from {{ ref('int_current_transactions') }} as visible
    left join {{ ref('int_source_status') }} as status on visible.source = status.source
    where
        not visible.is_duplicate
        and not visible.is_cancelled

),

events as (

    select
        event_key,
        min(as_of_date) as as_of_date,
        min(source) as source,
        min(market) as market,
        min(issuer_source) as issuer_source,
        min(issuer_id) as issuer_id,
        min(insider_id) as insider_id,
        max_by(insider_name, (available_at, transaction_id)) filter (where insider_name is not null) as insider_name,
        min(transaction_date) as transaction_date,
        min(transaction_type) as transaction_type,
        min(direction) as direction,
        min_by(role, (not is_senior, coalesce(seniority, 99), transaction_id)) filter (where role is not null) as role,
        bool_or(is_senior) as is_senior,
        count(*) as line_count,
        count(distinct filing_id) as filing_count,
        cast(sum(case when is_derivative then 1 else 0 end) as bigint) as derivative_lines,
        cast(sum(case when value is null then 1 else 0 end) as bigint) as unpriced_lines,
        cast(sum(case when signal_exclusion_reason is null then 1 else 0 end) as bigint) as eligible_lines,
        cast(sum(shares) as decimal(38, 6)) as shares,
        -- Exact: a sum of doubles would depend on their order.
        cast(sum({{ exact_product('shares', 'price') }}) as decimal(38, 12)) as paid,
        cast(sum(case when price is not null then shares end) as decimal(38, 6)) as priced_shares,
        -- Null unless all amounts are of one known currency.
        case
            when min(currency) = max(currency) and count(*) filter (where currency is null and coalesce(value, price) is not null) = 0
                then min(currency)
        end as currency,
        cast(sum(value) as decimal(38, 6)) as value,
        cast(sum(value_base) as decimal(38, 6)) as value_base,
        min(available_at) as first_available_at,
        min(available_date) as first_available_date,
        bool_or(is_source_behind) as is_source_behind
    from transactions
    group by event_key

)

select
    events.as_of_date,
    events.event_key as event_id,
    events.source,
    events.market,
    events.issuer_source,
    events.issuer_id,
    events.insider_id,
    events.insider_name,
    events.transaction_date,
    events.transaction_type,
    events.direction,
    events.role,
    events.is_senior,
    events.line_count,
    events.filing_count,
    events.derivative_lines,
    events.unpriced_lines,
    events.eligible_lines,
    events.shares,
    -- Amounts of several currencies have no sum and no mean.
    case when events.currency is not null then {{ decimal_of_double(mean_price, 18) }} end as price,
    events.currency,
    case when events.currency is not null then events.value end as value,
    events.value_base,
    '{{ var("base_currency") }}' as base_currency,
    events.first_available_at,
    events.first_available_date,
    events.is_source_behind
from events
