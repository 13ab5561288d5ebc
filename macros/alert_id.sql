{#- The id of an alert: what its rule tells of (`topic`) and, where that can happen again, the day. -#}
{% macro alert_id(rule, topic, day=none) -%}
    {{ fingerprint([rule, topic] + ([day] if day else [])) }}
{%- endmacro %}

{#- An amount in the base currency as the text of an alert: whole units and the currency. -#}
{% macro amount_text(value) -%}
    cast(cast({{ value }} as decimal(38, 0)) as string) || ' {{ var("base_currency") }}'
{%- endmacro %}
