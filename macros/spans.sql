{#-
    Whether the span of a row of `relation` holds on `day`: its first day is included, its end is excluded, and a span without an end goes on.

    day: expression of a date
    relation: name of the relation with the span
    first, end: the columns with its first day and its end
-#}
{% macro holds_on(day, relation, first='valid_from', end='valid_to') -%}
    {{ day }} >= {{ relation }}.{{ first }} and {{ day }} < coalesce({{ relation }}.{{ end }}, date '9999-12-31')
{%- endmacro %}
