{#-
    True where one of the `times` of `relation` (of updated_at, published_at, accepted_at and created_at) is given, cannot be read, and could decide
    when the source made a version known: `created_at` only where no other time is given.
-#}
{% macro has_unreadable_time(relation, times) -%}
    {%- set conditions, others = [], [] -%}
    {%- for name in ['updated_at', 'published_at', 'accepted_at', 'created_at'] if name in times -%}
        {%- set is_first = ['coalesce(' ~ others | join(', ') ~ ', null) is null'] if name == 'created_at' and others else [] -%}
        {%- do conditions.append([relation ~ '.raw_' ~ name ~ ' is not null', relation ~ '.' ~ name ~ ' is null'] + is_first) -%}
        {%- do others.append(relation ~ '.' ~ name) -%}
    {%- endfor -%}
    (
        {%- for condition in conditions %}
        {{ 'or ' if not loop.first }}({{ condition | join(' and ') }})
        {%- endfor %}
    )
{%- endmacro %}
