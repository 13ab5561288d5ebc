{#-
    The keys of the three things that have versions, as the conditions on which relations of them are joined. `one` and `other` are names of relations.
    No column holds a key as one value, but while the lines of amendments are matched: DECISIONS, "No minted keys" and "Lines are matched in rounds".
-#}

{#- Both rows are of the same version of a record. -#}
{% macro same_record_version(one, other) -%}
    {{ _same(['source', 'record_id', 'version_number'], one, other) }}
{%- endmacro %}


{#- Both rows are of the same line of a version of a record. -#}
{% macro same_line_version(one, other) -%}
    {{ _same(['source', 'record_id', 'version_number', 'line_ordinal'], one, other) }}
{%- endmacro %}


{#- Both rows are of the same version of a transaction, which is a line of a record under the name by which the marts know it. -#}
{% macro same_transaction_version(one, other) -%}
    {{ _same(['transaction_id', 'version_number'], one, other) }}
{%- endmacro %}


{% macro _same(columns, one, other) -%}
    {%- for column in columns -%}
        {{ one }}.{{ column }} = {{ other }}.{{ column }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
