{#-
    Whether the span of a row of `relation` holds on `day`: its first day is included, its end is excluded, and a span without an end goes on.

    day: expression of a date
    relation: name of the relation with the span
    first, end: the columns with its first day and its end
-#}
{% macro holds_on(day, relation, first='valid_from', end='valid_to') -%}
    {{ day }} >= {{ relation }}.{{ first }} and {{ day }} < coalesce({{ relation }}.{{ end }}, date '9999-12-31')
{%- endmacro %}
{#-
    The lives of `keys`, cut at every change: one row per key and span between two changes, with valid_from, and valid_to (null: no change follows).
    What holds over a span is what holds on its first day (`holds_on`).

    relation: name of the relation with the changes
    keys: the columns that say whose life it is
    changes: the columns, or expressions, of the days on which something changes; null where nothing does
-#}
{% macro spans_between_changes(relation, keys, changes=['valid_from', 'valid_to']) -%}
    {%- set keys = keys | join(', ') -%}
    select
        *,
        lead(valid_from) over (partition by {{ keys }} order by valid_from) as valid_to
    from (
        {%- for change in changes %}
        select
            {{ keys }},
            {{ change }} as valid_from
        from {{ relation }}
        where {{ change }} is not null
        {{- ' union' if not loop.last }}
        {%- endfor %}
    ) as changes
{%- endmacro %}


{#-
    For how long each key had a value: one row per key and span of days over which its last mention has the same `value`, with is_first,
    valid_from, and valid_to (null: it still has it).

    relation: name of a relation with the columns of `keys`, `value`, available_date and last_mention, by which the mentions of a day are ordered
    keys: the columns that say what has the value
    value: the column with the value
-#}
{% macro spans_of_last_mention(relation, keys, value) -%}
    {%- set keys = keys | join(', ') -%}
    select
        {{ keys }},
        {{ value }},
        value_before is null as is_first,
        available_date as valid_from,
        lead(available_date) over (partition by {{ keys }} order by available_date) as valid_to
    from (
        select
            *,
            lag({{ value }}) over (partition by {{ keys }} order by available_date) as value_before
        from (
            select *
            from {{ relation }}
            qualify row_number() over (partition by {{ keys }}, available_date order by last_mention desc, {{ value }} asc) = 1
        ) as last_of_day
    ) as followed
    where value_before is distinct from {{ value }}
{%- endmacro %}


{#- Whether the spans of rows of two relations, from valid_from to before valid_to, have a day in common. -#}
{% macro overlap(one, other) -%}
    {{ one }}.valid_from < coalesce({{ other }}.valid_to, date '9999-12-31')
    and {{ other }}.valid_from < coalesce({{ one }}.valid_to, date '9999-12-31')
{%- endmacro %}
