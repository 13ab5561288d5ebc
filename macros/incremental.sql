{#-
    What is read once is kept: payloads never change, so their readings are only added to; and calendars come from seeds alone. A model that
    is kept is rebuilt by itself when anything but the archive that its rows come from has changed: its own text or that of
    a model, seed or macro before it, a variable that one of these names, or the configured field paths.
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

{#- Adds to `texts` what decides the rows of the model or seed `unique_id`, besides the archive: its text, and all of what it depends on. -#}
{% macro add_node_texts(unique_id, texts) -%}
    {%- if unique_id in graph.nodes and unique_id not in texts -%}
        {%- set node = graph.nodes[unique_id] -%}
        {%- do texts.update({unique_id: node.checksum.checksum ~ node.raw_code}) -%}
        {%- for called in node.depends_on.macros if called.startswith('macro.insider_filings.') -%}
            {%- do add_macro_texts(called.split('.')[-1], texts) -%}
        {%- endfor -%}
        {%- for parent in node.depends_on.get('nodes', []) -%}
            {%- do add_node_texts(parent, texts) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{#- One hash of everything but the archive that the rows of the current model come from. -#}
{% macro model_fingerprint() -%}
    {%- set texts = {} -%}
    {%- do add_node_texts(model.unique_id, texts) -%}
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
    {{ return(local_md5(tojson([parts, variables, field_paths], sort_keys=true))) }}
{%- endmacro %}

{#- The fingerprint with which the table of the current model was built; it is the comment of that table. -#}
{% macro stored_fingerprint() -%}
    {%- set stored = run_query(
        "select comment from duckdb_tables() where database_name = '" ~ this.database ~ "' and schema_name = '" ~ this.schema
        ~ "' and table_name = '" ~ this.identifier ~ "'"
    ) -%}
    {{ return(stored.rows[0][0] if stored.rows | length else none) }}
{%- endmacro %}

{#- Writes the fingerprint on the table, in the transaction that writes its rows. -#}
{% macro store_fingerprint() -%}
    {%- if execute and model.config.materialized == 'incremental' -%}
        comment on table {{ this }} is '{{ model_fingerprint() }}'
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
    {{ return(stored_fingerprint() != model_fingerprint()) }}
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
