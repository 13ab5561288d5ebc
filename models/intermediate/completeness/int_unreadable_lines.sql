{%- for source_name in var('filing_sources') -%}
select * from {{ ref('stg_' ~ source_name ~ '__unreadable_lines') }}
{{ 'union all' if not loop.last }}
{%- endfor %}
