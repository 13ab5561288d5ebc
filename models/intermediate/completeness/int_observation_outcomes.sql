{{ config(materialized='view') }}

{% for source_name in var('filing_sources') -%}
select
    '{{ source_name }}' as source,
    record_id,
    content_hash,
    walk_id,
    page_number,
    position,
    observed_at,
    has_newer_source_time,
    outcome,
    version_number
from {{ ref('stg_' ~ source_name ~ '__observation_outcomes') }}
{{ 'union all' if not loop.last }}
{% endfor %}
