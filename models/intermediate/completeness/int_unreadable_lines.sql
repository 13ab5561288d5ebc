{{ config(materialized='view') }}

{% for source_name in var('filing_sources') -%}
select
    source,
    record_id,
    version_number,
    line_ordinal,
    reason,
    payload,
    first_seen_at
from {{ ref('stg_' ~ source_name ~ '__unreadable_lines') }}
{{ 'union all' if not loop.last }}
{% endfor %}
