{{ config(materialized='view') }}

{% for source_name in var('filing_sources') -%}
select
    source,
    record_id,
    version_number,
    insider_id,
    insider_name,
    unreadable_names,
    raw_role,
    is_director,
    is_officer,
    is_ten_percent_owner,
    is_other
from {{ ref('stg_' ~ source_name ~ '__owner_versions') }}
{{ 'union all' if not loop.last }}
{% endfor %}
