{#-
    What is read once is kept: payloads never change, so their readings are only added to; and calendars come from seeds alone. A model that
    is kept is rebuilt by itself when anything but the archive that its rows come from has changed: its own text or that of
    a macro, a variable that one of these names, the configured field paths, the engine's version, or what stands in the database before it. That is
    asked of the database, not of the files: an edited seed counts from when it is loaded.
-#}

{#- The materialization of what is kept. Only DuckDB keeps it; another engine reads all anew, which gives the same rows. -#}
{% macro kept() -%}
    {{ return('incremental' if target.type == 'duckdb' else 'table') }}
{%- endmacro %}

{#- True where this run adds to what is kept. A unit test, which has no table of its own, reads all that it is given. -#}
{% macro adds_rows() -%}
    {{ return(this is not none and is_incremental()) }}
{%- endmacro %}

{#- The condition for rows of loads that this model has not seen: a load is added whole, in one transaction, or not at all. -#}
{% macro of_new_loads(load_id='load_id') -%}
    {%- if adds_rows() -%}
        {{ load_id }} not in (select distinct seen.load_id from {{ this }} as seen)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- The condition for rows that only a rebuild makes: nothing of an archive is in them. -#}
{% macro of_rebuild() -%}
    {{ 'false' if adds_rows() else 'true' }}
{%- endmacro %}

{#- Adds to `texts` what decides the rows of the macro `name` of this project: its text and those of the macros that it calls or dispatches to. -#}
{% macro add_macro_texts(name, texts) -%}
    {%- set project_macros = context['insider_filings'] -%}
    {%- for variant in [name, 'default__' ~ name, 'duckdb__' ~ name] if variant in project_macros and 'macro.' ~ variant not in texts -%}
        {%- set definition = project_macros[variant].macro -%}
        {%- do texts.update({'macro.' ~ variant: definition.macro_sql}) -%}
        {%- for called in definition.depends_on.macros if called.startswith('macro.insider_filings.') -%}
            {%- do add_macro_texts(called.split('.')[-1], texts) -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}

{#- True for what carries its fingerprint as its comment. -#}
{% macro carries_fingerprint(node) -%}
    {{ return(node.config.materialized in ['seed', 'incremental']) }}
{%- endmacro %}

{#-
    Adds to `texts` what decides the rows of a node, besides the archive: its text, the macros that it calls, and what it reads. Of seeds and kept
    tables that is what they were made from (`stored`). An ephemeral model is text of its reader. What other tables and views were made from nobody
    wrote down, so what is kept cannot read them.
-#}
{% macro add_node_texts(node, texts, stored) -%}
    {%- do texts.update({node.unique_id: node.checksum.checksum ~ node.raw_code ~ tojson(node.config.get('column_types', {}), sort_keys=true)}) -%}
    {%- for called in node.depends_on.macros if called.startswith('macro.insider_filings.') -%}
        {%- do add_macro_texts(called.split('.')[-1], texts) -%}
    {%- endfor -%}
    {%- for unique_id in node.depends_on.get('nodes', []) if unique_id in graph.nodes and unique_id not in texts -%}
        {%- set parent = graph.nodes[unique_id] -%}
        {%- if carries_fingerprint(parent) -%}
            {%- do texts.update({'stored.' ~ unique_id: stored.get(parent.schema ~ '.' ~ parent.alias) | string}) -%}
        {%- elif parent.config.materialized == 'ephemeral' -%}
            {%- do add_node_texts(parent, texts, stored) -%}
        {%- else -%}
            {%- do exceptions.raise_compiler_error(
                model.name ~ ' is kept (macros/incremental.sql) and reads ' ~ parent.name ~ ', a ' ~ parent.config.materialized
                ~ ' that may have changed without a trace: make ' ~ parent.name ~ ' kept or ephemeral'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{#- One hash of everything but the archive that the rows of the current model or seed come from. -#}
{% macro fingerprint_of_this(stored) -%}
    {%- set texts = {} -%}
    {%- do add_node_texts(graph.nodes[model.unique_id], texts, stored) -%}
    {%- set variables = {} -%}
    {%- for text in texts.values() -%}
        {%- for name in modules.re.findall("var\\(['\"](\\w+)['\"]", text) -%}
            {%- do variables.update({name: var(name)}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set field_paths = feed_field_paths('filings_api') if 'macro.feed_field_paths' in texts else none -%}
    {%- set parts = [] -%}
    {%- for name in texts | sort -%}
        {%- do parts.append(name ~ ' ' ~ texts[name]) -%}
    {%- endfor -%}
    {{ return(local_md5(tojson([parts, variables, field_paths, stored['version']], sort_keys=true))) }}
{%- endmacro %}

{#- With what each seed and kept table was made, by schema and name; and DuckDB's version, which reads the same texts in its own way. -#}
{% macro stored_fingerprints() -%}
    {%- set stored = {} -%}
    {%- for name, fingerprint in run_query(
        "select schema_name || '.' || table_name, comment from duckdb_tables() where database_name = '" ~ this.database
        ~ "' union all select 'version', version()"
    ).rows -%}
        {%- do stored.update({name: fingerprint}) -%}
    {%- endfor -%}
    {{ return(stored) }}
{%- endmacro %}

{#- Writes the fingerprint on the table, in the transaction that writes its rows. -#}
{% macro store_fingerprint() -%}
    {%- if execute and target.type == 'duckdb' and carries_fingerprint(model) -%}
        comment on table {{ this }} is '{{ fingerprint_of_this(stored_fingerprints()) }}'
    {%- endif -%}
{%- endmacro %}

{#- dbt's own rule, and: a table made from other texts, variables or field paths is made anew. -#}
{% macro should_full_refresh() -%}
    {%- set configured = config.get('full_refresh') -%}
    {%- if configured is none -%}
        {%- set configured = flags.FULL_REFRESH -%}
    {%- endif -%}
    {%- if configured or not execute or model.config.materialized != 'incremental' -%}
        {{ return(configured) }}
    {%- endif -%}
    {%- set stored = stored_fingerprints() -%}
    {{ return(stored.get(this.schema ~ '.' ~ this.identifier) != fingerprint_of_this(stored)) }}
{%- endmacro %}

{#-
    Seeds and calendars are settled once a whole build with its tests has passed: the daily command leaves them out then (runner/build.py). Whatever
    command builds one of them again takes the mark away before it does.
-#}
{% macro unsettle() -%}
    {%- if execute and target.type == 'duckdb' -%}
        {%- for unique_id in selected_resources if unique_id.startswith('seed.') or 'calendars' in graph.nodes.get(unique_id, {}).get('fqn', []) -%}
            {{ return('drop table if exists main.settled') }}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
