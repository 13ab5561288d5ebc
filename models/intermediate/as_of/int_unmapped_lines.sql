{{ config(materialized='view') }}

{%- set unmapped = [
    ['transaction_type_map', 'raw_transaction_type', 'transaction_type is null'],
    ['security_type_map', 'security_type', 'security_class is null'],
    ['markets', 'market', "market_settings = 'unknown'"]
] %}
{#- What no seed says: the setting that settles a number that can be read in two ways, else the field itself. -#}
{%- for field in ['shares', 'price', 'value'] %}
{%- set is_ambiguous = is_ambiguous_number('raw_' ~ field) %}
{%- do unmapped.append(['decimal_separator', 'raw_' ~ field, field ~ ' is null and ' ~ is_ambiguous]) %}
{%- do unmapped.append([field, 'raw_' ~ field, field ~ ' is null and not ' ~ is_ambiguous]) %}
{%- endfor %}
{%- for field in ['transaction_date', 'filing_date', 'published_at', 'accepted_at', 'created_at', 'updated_at'] %}
{%- do unmapped.append([field, 'raw_' ~ field, field ~ ' is null']) %}
{%- endfor %}

with transactions as (

    select * from {{ ref('int_current_transactions') }}

),

statuses as (

    {{ words_of_sources('status_map', 'raw_status', ['is_cancelled']) }}

),

currencies as (

    select distinct currency
    from {{ ref('stg_ecb_rates__fixings') }}

),

lines as (

    select * from {{ ref('int_line_versions') }}
    where unreadable_flags is not null

),

texts as (

    select
        transactions.as_of_date,
        transactions.source,
        transactions.transaction_id,
        concat_ws('{{ "\u001f" }}', transactions.unreadable_names, lines.unreadable_flags) as unreadable_texts
    from transactions
    left join lines
        on {{ same_line_version('transactions', 'lines') }}

),

unreadable_texts as (

    {{ split_into_rows('texts', 'unreadable_texts', '\u001f', ['as_of_date', 'source', 'transaction_id']) }}

)

{% for seed, raw_value, condition in unmapped -%}
select
    as_of_date,
    source,
    transaction_id,
    '{{ seed }}' as seed,
    '{{ raw_value | replace("raw_", "") }}' as field,
    {{ raw_value }} as raw_value
from transactions
where
    {{ raw_value }} is not null
    and {{ condition }}

union all

{% endfor -%}
select
    as_of_date,
    source,
    transaction_id,
    split_part(part, '=', 1) as seed,
    split_part(part, '=', 1) as field,
    substring(part, length(split_part(part, '=', 1)) + 2) as raw_value
from unreadable_texts
where part <> ''

union all

select
    transactions.as_of_date,
    transactions.source,
    transactions.transaction_id,
    'status_map' as seed,
    'status' as field,
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
    'currency' as field,
    transactions.currency as raw_value
from transactions
left join currencies on transactions.currency = currencies.currency
where
    transactions.currency is not null
    and transactions.currency <> 'EUR'
    and currencies.currency is null
