with transactions as (

    select * from {{ ref('int_current_transactions') }}

),

tradable as (

    select * from {{ ref('int_tradable_dates') }}

),

price_flags as (

    select * from {{ ref('int_price_flags') }}

),

first_buys as (

    select * from {{ ref('int_first_buys') }}

),

timeliness as (

    select * from {{ ref('int_filing_lags') }}
    where clock = 'insider_notification'

),

status as (

    select * from {{ ref('int_source_status') }}

)

select
    transactions.as_of_date,
    transactions.source,
    transactions.market,
    transactions.filing_id,
    transactions.record_id,
    transactions.transaction_id,
    transactions.version_number,
    transactions.line_number,
    transactions.issuer_source,
    transactions.issuer_id,
    transactions.issuer_name,
    transactions.ticker,
    transactions.insider_id,
    transactions.insider_name,
    transactions.owner_count,
    transactions.raw_role,
    transactions.role,
    transactions.is_senior,
    transactions.role_rule_id,
    cast({{ var('role_map_version') }} as integer) as role_map_version,
    transactions.raw_transaction_type,
    transactions.transaction_type,
    transactions.transaction_type_map_version,
    transactions.direction,
    transactions.security_type,
    transactions.security_class,
    transactions.security_type_map_version,
    transactions.ownership_nature,
    transactions.is_derivative,
    transactions.is_planned,
    transactions.is_cancelled,
    transactions.is_duplicate,
    transactions.duplicate_of,
    transactions.amends_id,
    transactions.raw_transaction_date,
    transactions.transaction_date,
    transactions.filing_date,
    {{ days_from('transactions.transaction_date', 'transactions.filing_date') }} as days_to_file,
    timeliness.lag_days,
    timeliness.is_late,
    transactions.raw_shares,
    transactions.shares,
    transactions.shares_owned_after,
    transactions.holding_change,
    transactions.raw_price,
    transactions.price,
    price_flags.price_flag,
    transactions.same_terms_buyers,
    first_buys.is_first_buy,
    transactions.raw_currency,
    transactions.currency,
    transactions.raw_value,
    transactions.value,
    transactions.value_source,
    transactions.fx_rate,
    transactions.fx_rate_date,
    transactions.fx_status,
    transactions.value_base,
    '{{ var("base_currency") }}' as base_currency,
    transactions.signal_exclusion_reason,
    transactions.placement_phrase,
    transactions.url,
    transactions.published_at,
    transactions.first_seen_at,
    transactions.available_at,
    transactions.available_date,
    tradable.tradable_on,
    coalesce(status.is_source_behind, true) as is_source_behind
from transactions
inner join tradable
    on {{ same_record_version('transactions', 'tradable') }}
left join price_flags
    on {{ same_transaction_version('transactions', 'price_flags') }}
left join first_buys
    on {{ same_transaction_version('transactions', 'first_buys') }}
left join timeliness
    on {{ same_transaction_version('transactions', 'timeliness') }}
left join status on transactions.source = status.source
