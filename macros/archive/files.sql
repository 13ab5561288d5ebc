{#-
    The raw archive as a folder of Parquet files, which the loader writes where INSIDER_ARCHIVE_URL is set. Before a run its tables are
    declared in the engine, so that the models read a source the same way wherever the archive lies. Only files of loads that were committed
    by then are read: one that a killed loader left half written is never opened, and what is loaded during the run does not mix into it.
-#}

{#- Declares the tables of every archive in the folder; to be run before the models. Gives no SQL of its own. -#}
{% macro declare_archives() -%}
    {%- set url = env_var('INSIDER_ARCHIVE_URL', '') -%}
    {%- if target.type == 'spark' and '://' not in url and not url.startswith('/') -%}
        {#- Without one, or below its own warehouse where Spark looks for a path that begins nowhere, the archive would be empty. -#}
        {{ exceptions.raise_compiler_error("Spark reads the archive from a folder: name one in INSIDER_ARCHIVE_URL, as a whole path; it is '" ~ url ~ "'") }}
    {%- endif -%}
    {%- if url and execute -%}
        {%- set folder = url.rstrip('/') -%}
        {%- for source_name in (all_archives() | list + feeds_in(folder)) | unique -%}
            {%- do declare_archive('raw_' ~ source_name, folder ~ '/raw_' ~ source_name) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{#- The feeds that have an archive in a folder. -#}
{% macro feeds_in(folder) -%}
    {{ return(adapter.dispatch('feeds_in', 'insider_filings')(folder)) }}
{%- endmacro %}

{% macro default__feeds_in(folder) -%}
    {{ return(run_query(
        "select distinct regexp_extract(file, '/raw_([a-z0-9_]+)/windows/[^/]+$', 1) from glob('" ~ folder ~ "/raw_*/windows/*.parquet') order by all"
    ).columns[0].values() | list) }}
{%- endmacro %}

{#- Spark gets them from the variable `feeds`. -#}
{% macro spark__feeds_in(folder) -%}
    {{ return([]) }}
{%- endmacro %}

{#- Declares the tables of one archive, in `schema`, from the files in `folder`. -#}
{% macro declare_archive(schema, folder) -%}
    {{ return(adapter.dispatch('declare_archive', 'insider_filings')(schema, folder)) }}
{%- endmacro %}

{#- Tables without a committed load are not declared: they are empty. -#}
{% macro default__declare_archive(schema, folder) -%}
    {%- set load_files = folder ~ '/_dlt_loads/*.jsonl' -%}
    {%- set loads = "read_json('" ~ load_files ~ "', columns = {load_id: 'varchar', status: 'bigint'}, format = 'newline_delimited', ignore_errors = true)" -%}
    {%- do run_query('create schema if not exists ' ~ schema) -%}
    {%- if run_query("select 1 from duckdb_tables() where database_name = '" ~ target.database ~ "' and schema_name = '" ~ schema ~ "'").rows | length -%}
        {{ exceptions.raise_compiler_error(
            'the database has an archive of its own in ' ~ schema ~ ': with INSIDER_ARCHIVE_URL let INSIDER_FILINGS_DB name another file'
        ) }}
    {%- endif -%}
    {%- for table in ['observations', 'rejects', 'windows', '_dlt_loads'] -%}
        {%- do run_query('drop view if exists ' ~ schema ~ '.' ~ table) -%}
    {%- endfor -%}
    {%- if run_query("select 1 from glob('" ~ load_files ~ "') limit 1").rows | length -%}
        {%- do run_query('create view ' ~ schema ~ '._dlt_loads as select load_id, status from ' ~ loads) -%}
        {%- for table in ['observations', 'rejects', 'windows'] -%}
            {%- set files = run_query(
                "select file from glob('" ~ folder ~ '/' ~ table ~ "/*.parquet') where " ~ load_of_file('file')
                ~ ' in (select load_id from ' ~ loads ~ ' where status = 0) order by file'
            ).columns[0].values() -%}
            {%- if files | length -%}
                {%- do run_query(
                    'create view ' ~ schema ~ '.' ~ table ~ " as select * from read_parquet(['" ~ files | join("', '") ~ "'], union_by_name = true)"
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{#- A folder that is not there is an empty table. -#}
{% macro spark__declare_archive(schema, folder) -%}
    {%- set files_schema = schema ~ '_files' -%}
    {%- do run_query('create schema if not exists ' ~ schema) -%}
    {%- do run_query('create schema if not exists ' ~ files_schema) -%}
    {%- for table, form in {'_dlt_loads': 'json', 'observations': 'parquet', 'rejects': 'parquet', 'windows': 'parquet'}.items() -%}
        {%- set columns = archive_columns(table) -%}
        {%- set typed = [] -%}
        {%- for column, type in columns.items() -%}
            {%- do typed.append(column ~ ' ' ~ type) -%}
        {%- endfor -%}
        {%- do run_query('drop table if exists ' ~ files_schema ~ '.' ~ table) -%}
        {%- do run_query(
            'create table ' ~ files_schema ~ '.' ~ table ~ ' (' ~ typed | join(', ') ~ ') using ' ~ form ~ " location '" ~ folder ~ '/' ~ table ~ "'"
        ) -%}
        {%- set condition = '' -%}
        {%- if table != '_dlt_loads' -%}
            {%- set loads = run_query('select load_id from ' ~ files_schema ~ '._dlt_loads where status = 0 order by load_id').columns[0].values() -%}
            {%- set condition = ' where ' ~ load_of_file('_metadata.file_name') ~ " in ('" ~ loads | join("', '") ~ "')" if loads | length else ' where false' -%}
        {%- endif -%}
        {%- do run_query(
            'create or replace view ' ~ schema ~ '.' ~ table ~ ' as select ' ~ columns | join(', ') ~ ' from ' ~ files_schema ~ '.' ~ table ~ condition
        ) -%}
    {%- endfor -%}
{%- endmacro %}

{#- The load that wrote a file of the archive, by the file's name: `<load id>.<file id>.parquet`. -#}
{% macro load_of_file(file) -%}
    regexp_extract({{ file }}, '([^/]+)[.][^./]+[.]parquet$', 1)
{%- endmacro %}
