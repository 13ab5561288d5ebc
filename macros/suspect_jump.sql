{#- Whether of two prices one is so many times the other (variable `study`, `suspect_jump`) that something else than trading made it; no if one is missing. -#}
{% macro is_suspect_jump(price, price_before) -%}
    coalesce(
        {{ price }} >= {{ var('study')['suspect_jump'] }} * {{ price_before }}
        or {{ price_before }} >= {{ var('study')['suspect_jump'] }} * {{ price }},
        false
    )
{%- endmacro %}
