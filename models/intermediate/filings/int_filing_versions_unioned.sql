{%- for source_name in var('filing_sources') -%}
select * from {{ ref('stg_' ~ source_name ~ '__filing_versions') }}
{{ 'union all' if not loop.last }}
{%- endfor %}
