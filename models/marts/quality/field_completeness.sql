{%- set fields = {
    'issuer_id': ['unreadable_names', 'issuer_id'], 'issuer_name': ['unreadable_names', 'issuer_name'], 'ticker': ['unreadable_names', 'ticker'],
    'market': [none, 'market'], 'insider_id': ['unreadable_insider_names', 'insider_id'], 'insider_name': ['unreadable_insider_names', 'insider_name'], 'role': ['raw_role', 'role_rule_id'],
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

-- One pass over the lines for all fields.
counted as (

    select
        as_of_date,
        source,
        coalesce(market, 'unknown') as market,
        {% for field, columns in fields.items() -%}
        count({{ columns[1] }}) as {{ field }}_given,
        {% if columns[0] in ['unreadable_names', 'unreadable_insider_names'] -%}
        sum(case when {{ is_unreadable_name(columns[0], field) }} then 1 else 0 end)
        {%- elif columns[0] -%}
        sum(case when {{ columns[0] }} is not null and {{ columns[1] }} is null then 1 else 0 end)
        {%- else -%}
        0
        {%- endif %} as {{ field }}_unreadable,
        {% endfor -%}
        count(*) as line_count
    from transactions
    group by as_of_date, source, coalesce(market, 'unknown')

),

fields as (

    {% for field in fields -%}
    select
        as_of_date,
        source,
        market,
        '{{ field }}' as field,
        line_count,
        line_count - {{ field }}_given as missing_lines,
        {{ field }}_unreadable as unreadable_lines
    from counted
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    as_of_date,
    source,
    market,
    field,
    line_count,
    missing_lines,
    cast(unreadable_lines as bigint) as unreadable_lines,
    cast(missing_lines as double) / line_count as missing_share
from fields
