{{ config(materialized='view') }}

{#- The last three are for no seed but for a setting of the feed to say. -#}
{%- set unread = [
    ['transaction_type_map', 'raw_transaction_type', 'transaction_type is null'],
    ['security_type_map', 'security_type', 'security_class is null'],
    ['markets', 'market', "market_settings = 'unknown'"],
    ['decimal_separator', 'raw_shares', 'shares is null and ' ~ is_ambiguous_number('raw_shares')],
    ['decimal_separator', 'raw_price', 'price is null and ' ~ is_ambiguous_number('raw_price')],
    ['decimal_separator', 'raw_value', 'value is null and ' ~ is_ambiguous_number('raw_value')]
] %}

with transactions as (

    select * from {{ ref('int_current_transactions') }}

),

statuses as (

    select * from {{ ref('status_map') }}
    where version = {{ var('mapping_versions')['status_map'] }}

),

currencies as (

    select distinct currency
    from {{ ref('stg_ecb_rates__fixings') }}

)

{% for seed, raw_value, condition in unread -%}
select
    as_of_date,
    source,
    transaction_id,
    '{{ seed }}' as seed,
    {{ raw_value }} as raw_value
from transactions
where
    {{ raw_value }} is not null
    and {{ condition }}

union all

{% endfor -%}
select
    transactions.as_of_date,
    transactions.source,
    transactions.transaction_id,
    'status_map' as seed,
    transactions.raw_status as raw_value
from transactions
left join statuses
    on transactions.source = statuses.source
    and lower(transactions.raw_status) = statuses.raw_status
where
    transactions.raw_status is not null
    and statuses.raw_status is null

union all

select
    transactions.as_of_date,
    transactions.source,
    transactions.transaction_id,
    'ecb_rates' as seed,
    transactions.currency as raw_value
from transactions
left join currencies on transactions.currency = currencies.currency
where
    transactions.currency is not null
    and transactions.currency <> 'EUR'
    and currencies.currency is null
