{%- set fields = {
    'issuer_id': [none, 'issuer_id'], 'issuer_name': [none, 'issuer_name'], 'ticker': [none, 'ticker'], 'market': [none, 'market'],
    'insider_id': [none, 'insider_id'], 'insider_name': [none, 'insider_name'], 'role': ['raw_role', 'role_rule_id'],
    'transaction_type': ['raw_transaction_type', 'transaction_type'], 'transaction_date': ['raw_transaction_date', 'transaction_date'],
    'shares': ['raw_shares', 'shares'], 'price': ['raw_price', 'price'], 'value': ['raw_value', 'value'], 'currency': [none, 'raw_currency'],
    'security_type': [none, 'security_type'], 'ownership_nature': [none, 'ownership_nature'],
    'filing_date': ['raw_filing_date', 'filing_date'], 'published_at': ['raw_published_at', 'published_at'],
    'accepted_at': ['raw_accepted_at', 'accepted_at'], 'created_at': ['raw_created_at', 'created_at'],
    'updated_at': ['raw_updated_at', 'updated_at']
} -%}

with transactions as (

    select * from {{ ref('int_current_transactions') }}

),

fields as (

    {% for field, columns in fields.items() -%}
    select
        as_of_date,
        source,
        coalesce(market, 'unknown') as market,
        '{{ field }}' as field,
        {{ columns[1] }} is null as is_missing,
        {{ columns[0] ~ ' is not null and ' ~ columns[1] ~ ' is null' if columns[0] else 'false' }} as is_unreadable
    from transactions
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    as_of_date,
    source,
    market,
    field,
    count(*) as line_count,
    cast(sum(case when is_missing then 1 else 0 end) as bigint) as missing_lines,
    cast(sum(case when is_unreadable then 1 else 0 end) as bigint) as unreadable_lines,
    cast(sum(case when is_missing then 1 else 0 end) as double) / count(*) as missing_share
from fields
group by as_of_date, source, market, field
