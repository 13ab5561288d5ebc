{%- for source_name in var('filing_sources') -%}
select
    '{{ source_name }}' as source,
    *
from {{ ref('stg_' ~ source_name ~ '__observation_outcomes') }}
{{ 'union all' if not loop.last }}
{%- endfor %}
