{#-
    dbt-spark writes each value of a seed as it stands between quotes, so that a value with a quote or a backslash breaks the statement or
    changes; and a statement of many casts takes minutes. Here the rows travel as one JSON text, and each column is cast once. A text that is not of its
    type would become null: it stops the seed, as it does on DuckDB.
-#}
{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- set fields = [] -%}
    {%- set typed = [] -%}
    {%- for name in agate_table.column_names -%}
        {%- do fields.append(name ~ ': string') -%}
        {%- set type = types.get(name, adapter.convert_type(agate_table, loop.index0)) -%}
        {%- set cast_text = 'cast(' ~ name ~ ' as ' ~ type ~ ')' -%}
        {%- set refused = "raise_error(concat('seed " ~ model.name ~ ': ' ~ name ~ " is no " ~ type ~ ": ', " ~ name ~ '))' -%}
        {%- do typed.append(
            'case when ' ~ name ~ ' is not null and ' ~ cast_text ~ ' is null then ' ~ refused ~ ' else ' ~ cast_text ~ ' end as ' ~ name
        ) -%}
    {%- endfor -%}
    {%- set rows = [] -%}
    {%- for row in agate_table.rows -%}
        {%- set texts = {} -%}
        {%- for name in agate_table.column_names -%}
            {%- do texts.update({name: none if row[name] is none else row[name] | string}) -%}
        {%- endfor -%}
        {%- do rows.append(texts) -%}
    {%- endfor -%}
    {%- set text = tojson(rows) | replace('\\', '\\\\') | replace("'", "\\'") -%}
    {%- set statement -%}
        insert into {{ this.render() }}
        select {{ typed | join(', ') }}
        from (select inline(from_json('{{ text }}', 'array<struct<{{ fields | join(", ") }}>>'))) as seed
    {%- endset -%}
    {%- do adapter.add_query(statement, abridge_sql_log=True) -%}
    {{ return(statement) }}
{%- endmacro %}
