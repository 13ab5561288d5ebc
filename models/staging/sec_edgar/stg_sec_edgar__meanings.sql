{{ config(materialized='table') }}

{%- set record_columns = [
    'form_type', 'issuer_id', 'issuer_name', 'ticker', 'filing_date', 'raw_date_of_original_submission', 'remarks',
    'case when filing_date is null then raw_filing_date end'
] %}
{%- set owner_columns = ['insider_id', 'insider_name', 'raw_role', 'is_director', 'is_officer', 'is_ten_percent_owner', 'is_other'] %}
{%- set line_columns = [
    'is_readable', 'is_derivative', 'raw_transaction_type', 'raw_acquired_disposed', 'raw_ownership_nature', 'raw_security_type', 'footnotes', 'ownership_notes',
    'transaction_date', 'shares', 'price', 'value', 'is_planned', 'is_equity_swap'
] %}
{%- for column in ['transaction_date', 'shares', 'price', 'value'] %}
{%- do line_columns.append('case when ' ~ column ~ ' is null then raw_' ~ column ~ ' end') %}
{%- endfor %}


{{ content_meanings('sec_edgar', ['archive', 'content_hash'], record_columns, owner_columns, line_columns, ['accepted_at']) }}
