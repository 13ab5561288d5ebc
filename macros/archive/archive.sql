{#-
    The raw archive as dbt reads it. A source that was never loaded has no tables: it is empty, not an error.
-#}

{#- The columns of the archive's tables, for those that do not exist yet. -#}
{% macro archive_columns(table) -%}
    {%- set walk = {
        'source': 'string', 'feed': 'string', 'walk_id': 'string', 'window_start': 'date', 'window_end': 'date', '_dlt_load_id': 'string'
    } -%}
    {%- set seen = {
        'content_hash': 'string', 'payload': 'string', 'page_number': 'bigint', 'position': 'bigint',
        'observed_at': zoned_timestamp_type()
    } -%}
    {%- set columns = {
        'observations': dict(walk, record_id='string', **seen),
        'rejects': dict(walk, reason='string', **seen),
        'windows': dict(
            walk, is_closed='boolean', started_at=zoned_timestamp_type(), finished_at=zoned_timestamp_type(),
            pages_requested='bigint', reported_records='bigint', reported_pages='bigint', received_records='bigint',
            distinct_records='bigint', rejected_records='bigint', second_walk='string', field_paths='string'
        ),
        '_dlt_loads': {'load_id': 'string', 'status': 'bigint'}
    } -%}
    {{ return(columns[table]) }}
{%- endmacro %}

{#- The relation of the table `table` of a source's archive, whether it exists or not; dbt knows those of all sources but further feeds. -#}
{% macro archive_relation(source_name, table) -%}
    {%- if source_name in feeds() and source_name != 'filings_api' -%}
        {{ return(api.Relation.create(database=target.database, schema='raw_' ~ source_name, identifier=table)) }}
    {%- endif -%}
    {{ return(source('raw_' ~ source_name, table)) }}
{%- endmacro %}

{#- Whether a relation exists; never while dbt only parses. -#}
{% macro relation_exists(relation) -%}
    {{ return(execute and adapter.get_relation(relation.database, relation.schema, relation.identifier) is not none) }}
{%- endmacro %}

{#- The table `table` of a source's archive, or an empty relation with its columns where it does not exist. -#}
{% macro archive_table(source_name, table) -%}
    {%- set declared = archive_relation(source_name, table) -%}
    {%- if relation_exists(declared) -%}
        {{ declared }}
    {%- else -%}
        (select {% for column, type in archive_columns(table).items() %}cast(null as {{ type }}) as {{ column }}{{ ', ' if not loop.last }}{% endfor %} where false)
    {%- endif -%}
{%- endmacro %}

{#- The rows of an archive table that loads have committed; the same row may be there twice, see `committed`. -#}
{% macro committed_loads(source_name, table) -%}
    select
        {% for column in archive_columns(table) -%}
            archived.{{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ archive_table(source_name, table) }} as archived
    inner join {{ archive_table(source_name, '_dlt_loads') }} as loads on archived._dlt_load_id = loads.load_id
    where loads.status = 0
{%- endmacro %}

{#-
    The rows of an archive table that count: of committed loads only, and each row once. A loader killed between writing rows and
    committing its load leaves rows of no load, or the same rows twice; `key` names the columns that tell rows of a load apart.
-#}
{% macro committed(source_name, table, key) -%}
    {{ committed_loads(source_name, table) }}
    qualify row_number() over (partition by archived.{{ key | join(', archived.') }} order by archived._dlt_load_id) = 1
{%- endmacro %}

{#-
    How the payloads of a generic feed are read: the field paths that the loader was configured with at its last finished walk, or the names of
    the specification; under `reading` what `feed_setting` gives. All records are read by the last configuration: who mends it mends the past.
-#}
{% macro feed_field_paths(source_name) -%}
    {%- if relation_exists(archive_relation(source_name, 'windows')) -%}
        {%- set latest = run_query(
            'select field_paths from (' ~ committed(source_name, 'windows', ['walk_id'])
            ~ ') as walks where field_paths is not null order by finished_at desc, _dlt_load_id desc limit 1'
        ) -%}
        {%- if latest.rows | length -%}
            {{ return(fromjson(latest.rows[0][0])) }}
        {%- endif -%}
    {%- endif -%}
    {{ return({}) }}
{%- endmacro %}

{#- The setting `name` of a generic feed that says how its texts are read (`Reading` in loader/sources/filings_api.py); none where it is not set. -#}
{% macro feed_setting(field_paths, name) -%}
    {{ return(field_paths.get('reading', {}).get(name)) }}
{%- endmacro %}

{#- The text `text` of a record of a generic feed, or what its setting `name` gives for those that say nothing. -#}
{% macro feed_default(text, field_paths, name) -%}
    {%- set value = feed_setting(field_paths, name) -%}
    {{ return(text if value is none else "coalesce(" ~ text ~ ", '" ~ value ~ "')") }}
{%- endmacro %}

{#- The JSON paths of a list in a generic feed's record (`lines` or `owners`), as configured, or of the name that the specification gives it. -#}
{% macro feed_list_paths(field_paths, part) -%}
    {%- set configured = field_paths.get(part, {'lines': 'transactions', 'owners': 'owners'}[part]) -%}
    {%- set paths = [] -%}
    {%- for path in ([configured] if configured is string else configured) -%}
        {%- do paths.append(json_path(path)) -%}
    {%- endfor -%}
    {{ return(paths) }}
{%- endmacro %}

{#- The canonical fields of one part of a generic feed's record (`record`, `owner` or `line`), each with its configured path or its own name. -#}
{% macro feed_fields(field_paths, part) -%}
    {%- set names = {
        'record': [
            'filing_id', 'issuer_id', 'issuer_name', 'ticker', 'country', 'filing_date', 'published_at', 'accepted_at', 'created_at',
            'updated_at', 'amends_id', 'status', 'url'
        ],
        'owner': ['insider_id', 'insider_name', 'insider_role', 'is_director', 'is_officer', 'is_ten_percent_owner', 'is_other'],
        'line': [
            'line_number', 'transaction_date', 'transaction_type', 'acquired_disposed', 'shares', 'price', 'currency', 'value',
            'ownership_nature', 'security_type', 'is_derivative', 'is_10b5_1', 'linked_to_share_programme', 'footnotes'
        ]
    } -%}
    {%- set fields = {} -%}
    {%- for name in names[part] -%}
        {%- do fields.update({name: field_paths.get(part, {}).get(name, name)}) -%}
    {%- endfor -%}
    {{ return(fields) }}
{%- endmacro %}

{#-
    Whether the number field `name` of a line (a column, from the document `element`, else `payload`) is a JSON number; null where its text can be read
    in one way alone, for which nothing is asked.
-#}
{% macro feed_is_number(fields, name) -%}
    {%- set places = [] -%}
    {%- for document in ['element', 'payload'] -%}
        {%- for path in json_field_paths({name: fields[name]}) -%}
            {%- do places.append([document, path]) -%}
        {%- endfor -%}
    {%- endfor -%}
    case when {{ is_ambiguous_number(name) }} then {{ json_is_number(places) }} end
{%- endmacro %}

{#-
    The decimal separator of the number field `name` of a line, with the column `name_is_number` (`feed_is_number`) beside it: a JSON number has its
    point, whatever `separator` (a SQL expression) the line's texts have.
-#}
{% macro feed_number_separator(name, separator, relation='') -%}
    case when {{ relation }}{{ name }}_is_number then '.' else {{ separator }} end
{%- endmacro %}

{#-
    The decimal separator of the numbers of a line (columns shares, price and value, each with its `feed_is_number`, and payload) that can be read in two
    ways: the setting `decimal_separator`, or, where that is `auto` or unset, what the record itself decides: another of its numbers under the same keys,
    or that shares times price is value with one separator alone. Null where nothing decides.
-#}
{% macro feed_decimal_separator(field_paths, fields) -%}
    {%- set setting = feed_setting(field_paths, 'decimal_separator') -%}
    {%- if setting in ['.', ','] -%}
        {{ return("'" ~ setting ~ "'") }}
    {%- endif -%}
    {%- set names, unambiguous, separators = [], [], {'.': [], ',': []} -%}
    {%- for name in ['shares', 'price', 'value'] -%}
        {%- for path in json_field_paths({name: fields[name]}) -%}
            {%- do names.extend(modules.re.findall('([A-Za-z0-9_ -]+)[^A-Za-z0-9_ -]*$', path)) -%}
        {%- endfor -%}
        {%- do unambiguous.append(name ~ '_is_number is null') -%}
        {%- for separator in separators -%}
            {%- do separators[separator].append(feed_number_separator(name, "'" ~ separator ~ "'")) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set shown, fitting = [], [] -%}
    {%- for separator in separators -%}
        {%- do shown.append("case when " ~ shows_separator('payload', names | unique, separator) ~ " then '" ~ separator ~ "' else '' end") -%}
        {%- do fitting.append("case when " ~ product_fits('shares', 'price', 'value', separators[separator]) ~ " then '" ~ separator ~ "' else '' end") -%}
    {%- endfor -%}
    case
        when {{ unambiguous | join(' and ') }} then null
        else nullif(nullif(coalesce(nullif({{ shown | join(' || ') }}, ''), {{ fitting | join(' || ') }}), ''), '.,')
    end
{%- endmacro %}
