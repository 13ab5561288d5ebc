{#- Whether exclusion 14 applies where `buyers` insiders bought on the same terms: three look like an offering or a plan that no note names. -#}
{% macro excluded_by_same_terms(buyers) -%}
    {{ buyers ~ ' >= 3' if var('exclude_same_terms') else 'false' }}
{%- endmacro %}
