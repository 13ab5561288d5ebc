{#-
    What each content of a source says, as one fingerprint: contents that differ in the order of owners, in spacing or in a field that nothing
    reads say the same. One row per content, with the times that the source states.

    source_name: a filing source, whose staging relations are records, owners and lines
    keys: the columns that tell its contents apart
    record_columns, owner_columns, line_columns: the expressions that make up the meaning
    times: which of published_at, accepted_at, created_at and updated_at its records have; the others are null
-#}
{% macro content_meanings(source_name, keys, record_columns, owner_columns, line_columns, times) -%}
    with records as (

        select
            *,
            {{ fingerprint(record_columns) }} as record_meaning
        from {{ ref('stg_' ~ source_name ~ '__records') }}

    ),

    {% for part, columns in {'owners': owner_columns, 'lines': ['line_ordinal'] + line_columns}.items() -%}
    {{ part }} as (

        select
            {{ keys | join(', ') }},
            {{ fingerprint_of_set(fingerprint(columns)) }} as meanings
        from {{ ref('stg_' ~ source_name ~ '__' ~ part) }}
        group by {{ keys | join(', ') }}

    ){{ ',' if not loop.last }}

    {% endfor %}
    select
        records.content_hash,
        {% for name in ['published_at', 'accepted_at', 'created_at', 'updated_at'] -%}
        {{ 'records.' ~ name if name in times else 'cast(null as timestamp)' }} as {{ name }},
        {% endfor -%}
        {{ has_unreadable_time('records', times) }} as has_unreadable_time,
        {{ fingerprint(['records.record_meaning', 'owners.meanings', 'lines.meanings']) }} as meaning
    from records
    {% for part in ['owners', 'lines'] -%}
    left join {{ part }}
        on {% for key in keys %}records.{{ key }} = {{ part }}.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
    {% endfor -%}
{%- endmacro %}
