{#-
    What each content of a source says, as one fingerprint: contents that differ in the order of owners, in spacing or in a field that nothing
    reads say the same. One row per content of the loads that the current model has not seen, with the times that the source states.

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
        where {{ of_new_loads() }}

    ),

    owners as (

        select
            {{ keys | join(', ') }},
            {{ fingerprint(owner_columns) }} as owner_meaning
        from {{ ref('stg_' ~ source_name ~ '__owners') }}
        where {{ of_new_loads() }}

    ),

    lines as (

        select
            {{ keys | join(', ') }},
            {{ fingerprint(['line_ordinal'] + line_columns) }} as line_meaning
        from {{ ref('stg_' ~ source_name ~ '__lines') }}
        where {{ of_new_loads() }}

    ),

    owners_of_record as (

        select
            {{ keys | join(', ') }},
            {{ fingerprint_of_set('owner_meaning') }} as owner_meanings
        from owners
        group by {{ keys | join(', ') }}

    ),

    lines_of_record as (

        select
            {{ keys | join(', ') }},
            {{ fingerprint_of_set('line_meaning') }} as line_meanings
        from lines
        group by {{ keys | join(', ') }}

    )

    select
        records.content_hash,
        records.load_id,
        {% for name in ['published_at', 'accepted_at', 'created_at', 'updated_at'] -%}
        {{ 'records.' ~ name if name in times else 'cast(null as timestamp)' }} as {{ name }},
        {% endfor -%}
        {{ fingerprint(['records.record_meaning', 'owners_of_record.owner_meanings', 'lines_of_record.line_meanings']) }} as meaning
    from records
    left join owners_of_record
        on {% for key in keys %}records.{{ key }} = owners_of_record.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
    left join lines_of_record
        on {% for key in keys %}records.{{ key }} = lines_of_record.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
{%- endmacro %}
