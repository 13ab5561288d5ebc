{#- Schemas bear the plain name of their layer (`marts`), so that analysts type what the documentation says. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
