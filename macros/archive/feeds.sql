{#-
    Which sources there are. JSON feeds stand side by side: each is a source with an archive of its own, read by its own field paths, all of
    them through models/staging/filings_api. What is said there of a payload holds for one feed: (source, content_hash) is its key.
-#}

{#-
    The names of the feeds: `filings_api`, those that the variable `feeds` names, and those that have an archive. The variable is for an engine
    that does not know its archives before they are declared.
-#}
{% macro feeds() -%}
    {%- set others = other_archives() -%}
    {%- set names = ['filings_api'] -%}
    {%- for name in (var('feeds') + (archived_feeds() if execute else [])) | sort if name not in names and name not in others -%}
        {%- do names.append(name) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}

{#- The names of the archives in the engine; those of sources that are no feeds are among them. -#}
{% macro archived_feeds() -%}
    {{ return(adapter.dispatch('archived_feeds', 'insider_filings')()) }}
{%- endmacro %}

{% macro default__archived_feeds() -%}
    {{ return(run_query("
        select substr(schema_name, 5) from (
            select database_name, schema_name, table_name from duckdb_tables() union all select database_name, schema_name, view_name from duckdb_views()
        )
        where database_name = '" ~ target.database ~ "' and starts_with(schema_name, 'raw_') and table_name = 'windows'
    ").columns[0].values() | list) }}
{%- endmacro %}

{% macro spark__archived_feeds() -%}
    {{ return([]) }}
{%- endmacro %}

{#- The filing sources: the feeds, and EDGAR. -#}
{% macro filing_sources() -%}
    {{ return(feeds() + ['sec_edgar']) }}
{%- endmacro %}

{#- The archives that are no feed's, each with the filing source that it feeds; none for rates and prices, which never decide the as-of date. -#}
{% macro other_archives() -%}
    {%- set archives = {'sec_edgar': 'sec_edgar'} -%}
    {%- do archives.update(var('further_archives')) -%}
    {{ return(dict(archives, ecb_rates=none, prices=none)) }}
{%- endmacro %}

{#- The archives that feed EDGAR's filings: its own, and those that the variable `further_archives` names. -#}
{% macro sec_archives() -%}
    {%- set archives = [] -%}
    {%- for archive, filing_source in other_archives().items() if filing_source == 'sec_edgar' -%}
        {%- do archives.append(archive) -%}
    {%- endfor -%}
    {{ return(archives) }}
{%- endmacro %}

{#- Every raw archive with the filing source that it feeds. -#}
{% macro all_archives() -%}
    {%- set archives = {} -%}
    {%- for name in feeds() -%}
        {%- do archives.update({name: name}) -%}
    {%- endfor -%}
    {%- do archives.update(other_archives()) -%}
    {{ return(archives) }}
{%- endmacro %}

{#-
    The rows in use of the seed `seed`, a map by source with the key `raw` and the columns `meanings`. A feed has the words of `filings_api` too,
    but where the seed has a row of its own for them.
-#}
{% macro words_of_sources(seed, raw, meanings) -%}
    {%- set version = 'words.version = ' ~ var('mapping_versions')[seed] -%}
    select version, source, {{ raw }}, {{ meanings | join(', ') }}
    from {{ ref(seed) }} as words
    where {{ version }}
    {%- for name in feeds() if name != 'filings_api' %}
    union all
    select words.version, '{{ name }}' as source, words.{{ raw }}, words.{{ meanings | join(', words.') }}
    from {{ ref(seed) }} as words
    left join {{ ref(seed) }} as own
        on words.version = own.version and own.source = '{{ name }}' and words.{{ raw }} = own.{{ raw }}
    where {{ version }} and words.source = 'filings_api' and own.{{ raw }} is null
    {%- endfor %}
{%- endmacro %}
