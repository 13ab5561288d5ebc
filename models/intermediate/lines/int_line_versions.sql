{{ config(materialized='view') }}

{% for source_name in var('filing_sources') -%}
select
    source,
    record_id,
    version_number,
    line_ordinal,
    line_number,
    raw_transaction_type,
    raw_acquired_disposed,
    raw_currency,
    raw_ownership_nature,
    raw_security_type,
    footnotes,
    ownership_notes,
    remarks,
    raw_transaction_date,
    transaction_date,
    raw_shares,
    shares,
    raw_price,
    price,
    raw_value,
    value,
    is_derivative,
    is_planned,
    is_equity_swap,
    is_linked_to_share_programme
from {{ ref('stg_' ~ source_name ~ '__line_versions') }}
{{ 'union all' if not loop.last }}
{% endfor %}
