{{ config(materialized='table') }}

{%- set record_columns = [
    'filing_id', 'issuer_id', 'issuer_name', 'ticker', 'market', 'amends_id', 'raw_status', 'filing_date',
    'case when filing_date is null then raw_filing_date end', 'unreadable_names'
] %}
{%- set owner_columns = [
    'insider_id', 'insider_name', 'raw_role', 'is_director', 'is_officer', 'is_ten_percent_owner', 'is_other', 'unreadable_flags', 'unreadable_names'
] %}
{%- set line_columns = [
    'is_readable', 'raw_line_number', 'raw_transaction_type', 'raw_acquired_disposed', 'raw_currency', 'raw_ownership_nature',
    'raw_security_type', 'footnotes', 'transaction_date', 'shares', 'price', 'value', 'is_derivative', 'is_planned', 'is_linked_to_share_programme'
] %}
{%- for column in ['transaction_date', 'shares', 'price', 'value', 'is_derivative', 'is_planned', 'is_linked_to_share_programme'] %}
{%- do line_columns.append('case when ' ~ column ~ ' is null then raw_' ~ column | replace('is_linked', 'linked') ~ ' end') %}
{%- endfor %}

{%- set times = ['published_at', 'accepted_at', 'created_at', 'updated_at'] %}

{{ content_meanings('filings_api', ['content_hash'], record_columns, owner_columns, line_columns, times) }}
