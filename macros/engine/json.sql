{#-
    JSON access. Everything that reads a payload goes through these macros, because the engines share neither function names nor array indexing.
-#}

{#-
    A list of the texts at `paths` (JSON paths) inside the column or expression `json`; the document is parsed once for all of them. A list of one
    value is that value, and an empty one is null; of another list, or of an object, the text is its JSON.
-#}
{% macro json_texts(json, paths) -%}
    {{ return(adapter.dispatch('json_texts', 'insider_filings')(json, paths)) }}
{%- endmacro %}

{% macro default__json_texts(json, paths) -%}
    {%- set values = "json_array_length(case when starts_with(found, '[') and json_valid(found) then found end)" -%}
    list_transform(
        json_extract_string({{ json }}, ['{{ paths | join("', '") }}']),
        lambda found: case
            when {{ values }} = 0 then null
            when {{ values }} = 1 and not regexp_matches(found, '^.[[{]') then json_extract_string(found, '$[0]')
            else found
        end
    )
{%- endmacro %}

{#-
    Parsed once into a variant. DuckDB reads a number with a fraction or an exponent as a double and writes it as JavaScript does
    (`12.50` is `12.5`, `1e3` is `1000.0`, `1e-7` stays); so does this. Objects and arrays keep the order of their members.
    Each path stands in the text: Spark would read one that is a column's value anew for every document.
-#}
{% macro spark__json_texts(json, paths) -%}
    {%- if not paths -%}
    cast(array() as array<string>)
    {%- else -%}
    transform(
        flatten(transform(
            array(try_parse_json({{ json }})),
            document -> array(
                {% for path in paths -%}
                {%- set spark_path = "'" ~ spark__json_path(path) ~ "'" -%}
                named_struct(
                    'path', {{ spark_path }},
                    'kind', schema_of_variant(try_variant_get(document, {{ spark_path }}, 'variant')),
                    'text', try_variant_get(document, {{ spark_path }}, 'string')
                ){{ ',' if not loop.last }}
                {% endfor %}
            )
        )),
        found -> case
            when found.kind like 'D%' then {{ spark__number_text('found.text') }}
            when found.kind like 'ARRAY%' and json_array_length(get_json_object({{ json }}, found.path)) = 0 then null
            when
                found.kind like 'ARRAY%'
                and json_array_length(get_json_object({{ json }}, found.path)) = 1
                and not get_json_object({{ json }}, found.path) rlike '^.[\\[{]'
                then element_at(from_json(get_json_object({{ json }}, found.path), 'array<string>'), 1)
            when found.kind like 'OBJECT%' or found.kind like 'ARRAY%' then get_json_object({{ json }}, found.path)
            else found.text
        end
    )
    {%- endif -%}
{%- endmacro %}

{#- A JSON path in the words of Spark: `$."company"."name"` becomes `$['company']['name']`, quoted for a SQL text. -#}
{% macro spark__json_path(path) -%}
    {{ return(modules.re.sub('[.]"([^"]*)"', "[\\\\'\\1\\\\']", path)) }}
{%- endmacro %}

{#- The text of a JSON number that has a fraction or an exponent, from Spark's text of it: through a double, written as JavaScript writes it. -#}
{% macro spark__number_text(text) -%}
    {%- set double = 'cast(' ~ text ~ ' as double)' -%}
    {%- set double_text = 'cast(' ~ double ~ ' as string)' -%}
    case
        when regexp_like({{ text }}, '^-?[0-9]{1,18}$') then {{ text }} || '.0'
        when regexp_like({{ text }}, '^-?[0-9]+$') or length({{ text }}) <= 16 and not contains({{ text }}, 'E') then {{ text }}
        when not contains({{ double_text }}, 'E') then {{ double_text }}
        when abs({{ double }}) >= 1e21 or abs({{ double }}) < 1e-6 then lower(replace({{ double_text }}, '.0E', 'E'))
        when abs({{ double }}) < 1 then regexp_replace(cast(cast({{ double_text }} as decimal(38, 30)) as string), '0+$', '')
        else regexp_replace(cast(cast({{ double_text }} as decimal(38, 16)) as string), '(?<![.])0+$', '')
    end
{%- endmacro %}

{#- The text `text` of a value, null where that is a list or an object, which is neither a name nor an id. -#}
{% macro plain_text(text) -%}
    {{ return(adapter.dispatch('plain_text', 'insider_filings')(text)) }}
{%- endmacro %}

{% macro default__plain_text(text) -%}
    case when not (regexp_matches({{ text }}, '^[[{]') and json_valid({{ text }})) then {{ text }} end
{%- endmacro %}

{% macro spark__plain_text(text) -%}
    case when not ({{ text }} rlike '^[\\[{]' and try_parse_json({{ text }}) is not null) then {{ text }} end
{%- endmacro %}

{#- Item number `position` (from 0) of the list that `json_texts` made. -#}
{% macro list_item(list, position) -%}
    {{ return(adapter.dispatch('list_item', 'insider_filings')(list, position)) }}
{%- endmacro %}

{% macro default__list_item(list, position) -%}
    {{ list }}[{{ position + 1 }}]
{%- endmacro %}

{% macro spark__list_item(list, position) -%}
    {{ list }}[{{ position }}]
{%- endmacro %}

{#- The list `list` with the expression `text` in place of each item, which `text` calls `item`. -#}
{% macro each_item(list, item, text) -%}
    {{ return(adapter.dispatch('each_item', 'insider_filings')(list, item, text)) }}
{%- endmacro %}

{% macro default__each_item(list, item, text) -%}
    list_transform({{ list }}, lambda {{ item }}: {{ text }})
{%- endmacro %}

{% macro spark__each_item(list, item, text) -%}
    transform({{ list }}, {{ item }} -> {{ text }})
{%- endmacro %}

{#- True where the value at `path` inside `json` is an array. -#}
{% macro json_is_array(json, path) -%}
    {{ return(adapter.dispatch('json_is_array', 'insider_filings')(json, path)) }}
{%- endmacro %}

{% macro default__json_is_array(json, path) -%}
    coalesce(json_type({{ json }}, '{{ path }}') = 'ARRAY', false)
{%- endmacro %}

{% macro spark__json_is_array(json, path) -%}
    coalesce(schema_of_variant(try_variant_get(try_parse_json({{ json }}), '{{ spark__json_path(path) }}', 'variant')) like 'ARRAY%', false)
{%- endmacro %}

{#- True where the first value that is given at one of `places`, pairs of a document and a path in it, is a JSON number, or a list of one. -#}
{% macro json_is_number(places) -%}
    {{ return(adapter.dispatch('json_is_number', 'insider_filings')(places)) }}
{%- endmacro %}

{% macro default__json_is_number(places) -%}
    coalesce(
        coalesce(
            {%- for json, path in places %}
            {%- set type = "json_type(" ~ json ~ ", '" ~ path ~ "')" %}
            nullif(case when {{ type }} = 'ARRAY' then json_type({{ json }}, '{{ path }}[0]') else {{ type }} end, 'NULL'),
            {%- endfor %}
            null
        ) in ('BIGINT', 'UBIGINT', 'HUGEINT', 'DOUBLE'),
        false
    )
{%- endmacro %}

{% macro spark__json_is_number(places) -%}
    regexp_like(
        coalesce(
            {%- for json, path in places %}
            nullif(regexp_replace(schema_of_variant(try_variant_get(try_parse_json({{ json }}), '{{ spark__json_path(path) }}', 'variant')), '^ARRAY<|>$', ''), 'VOID'),
            {%- endfor %}
            ''
        ),
        '^(BIGINT|DECIMAL|DOUBLE|FLOAT)'
    )
{%- endmacro %}

{#- True where the text `json` is a JSON object. -#}
{% macro json_is_object(json) -%}
    {{ return(adapter.dispatch('json_is_object', 'insider_filings')(json)) }}
{%- endmacro %}

{% macro default__json_is_object(json) -%}
    coalesce(json_type({{ json }}) = 'OBJECT', false)
{%- endmacro %}

{% macro spark__json_is_object(json) -%}
    coalesce(schema_of_variant(try_parse_json({{ json }})) like 'OBJECT%', false)
{%- endmacro %}

{#-
    One row per element of the arrays at the list `paths` of the column `json`, one array after the other: columns `element` (JSON text) and
    `ordinal` (from 1), beside the columns `keep` of `relation`.
-#}
{% macro json_elements(relation, json, paths, keep) -%}
    {{ return(adapter.dispatch('json_elements', 'insider_filings')(relation, json, paths, keep)) }}
{%- endmacro %}

{#- Not a lateral join: it would compare every document with every other, and hold them all. -#}
{% macro default__json_elements(relation, json, paths, keep) -%}
    select
        {% for column in keep %}{{ column }},
        {% endfor -%}
        cast(unnest(elements) as string) as element,
        generate_subscripts(elements, 1) as ordinal
    from (
        select
            {% for column in keep %}{{ column }},
            {% endfor -%}
            {{ default__json_lists(json, paths) }} as elements
        from {{ relation }}
    ) as listed
{%- endmacro %}

{#- The texts of the elements as they stand; a text among them in its quotes again, so that it is not taken for what it contains. -#}
{% macro spark__json_elements(relation, json, paths, keep) -%}
    {%- set text = "case when schema_of_variant(value) = 'STRING' then to_json(value) else coalesce(text, 'null') end" -%}
    select
        {% for column in keep %}{{ relation }}.{{ column }},
        {% endfor -%}
        elements.element,
        cast(elements.place + 1 as bigint) as ordinal
    from
        {{ relation }}
    lateral view posexplode({{ spark__json_lists(relation ~ '.' ~ json, paths, text) }}) elements as place, element
{%- endmacro %}

{#-
    One row per object among the elements of the arrays at the list `paths` of the column `json`: column `element` (JSON text), beside the columns
    `keep` of `relation`. A document without any has one row, whose element is null.
-#}
{% macro json_objects(relation, json, paths, keep) -%}
    {{ return(adapter.dispatch('json_objects', 'insider_filings')(relation, json, paths, keep)) }}
{%- endmacro %}

{% macro default__json_objects(relation, json, paths, keep) -%}
    select
        {% for column in keep %}{{ column }},
        {% endfor -%}
        cast(unnest(coalesce(nullif(objects, []), [null])) as string) as element
    from (
        select
            {% for column in keep %}{{ column }},
            {% endfor -%}
            list_filter({{ default__json_lists(json, paths) }}, lambda item: json_type(item) = 'OBJECT') as objects
        from {{ relation }}
    ) as listed
{%- endmacro %}

{% macro spark__json_objects(relation, json, paths, keep) -%}
    {%- set text = "case when schema_of_variant(value) like 'OBJECT%' then text end" -%}
    select
        {% for column in keep %}{{ relation }}.{{ column }},
        {% endfor -%}
        objects.element
    from
        {{ relation }}
    lateral view outer explode(filter({{ spark__json_lists(relation ~ '.' ~ json, paths, text) }}, item -> item is not null)) objects as element
{%- endmacro %}

{#- The elements at each of `paths`, as one list. -#}
{% macro default__json_lists(json, paths) -%}
    flatten([
        {%- for path in paths %}json_extract({{ json }}, '{{ path }}[*]'){{ ', ' if not loop.last }}{% endfor -%}
    ])
{%- endmacro %}

{#- The same, each element as the SQL expression `of_element` makes it of its `text` in the document and its `value`, a variant. -#}
{% macro spark__json_lists(json, paths, of_element) -%}
    concat(
        {%- for path in paths -%}
        {%- set array = "try_variant_get(try_parse_json(" ~ json ~ "), '" ~ spark__json_path(path) ~ "', 'variant')" %}
        coalesce(
            zip_with(
                from_json(get_json_object({{ json }}, '{{ spark__json_path(path) }}'), 'array<string>'),
                cast(case when schema_of_variant({{ array }}) like 'ARRAY%' then {{ array }} end as array<variant>),
                (text, value) -> {{ of_element }}
            ),
            cast(array() as array<string>)
        ){{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{#- The JSON path of a configured field path: `company.name` becomes `$."company"."name"`; what begins with `$` is taken as it is. -#}
{% macro json_path(path) -%}
    {%- if path.startswith('$') -%}
        {{ return(path) }}
    {%- else -%}
        {{ return('$."' ~ path.split('.') | join('"."') ~ '"') }}
    {%- endif -%}
{%- endmacro %}

{#- The flat list of JSON paths that `fields` (name -> path or list of alternative paths) needs, in order. -#}
{% macro json_field_paths(fields) -%}
    {%- set paths = [] -%}
    {%- for alternatives in fields.values() -%}
        {%- for path in ([alternatives] if alternatives is string else alternatives) -%}
            {%- do paths.append(json_path(path)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(paths) }}
{%- endmacro %}

{#- The texts of `fields` inside `json` as a list in which `json_field_items` finds them, each cleaned (`clean_text`): once for all, so that the SQL stays short. -#}
{% macro json_field_texts(json, fields) -%}
    {{ each_item(json_texts(json, json_field_paths(fields)), 'found_text', clean_text('found_text')) }}
{%- endmacro %}

{#-
    The texts of each field of `fields`, in the list column `texts` made with `json_field_texts`: name -> list of expressions, empty text as null,
    one for each alternative path; a field without a path has none. In a generic feed (`of_feed`) a cell of nothing (`given_text`) is null, too,
    except where a mapping seed says what it means.
-#}
{% macro json_field_items(fields, texts, of_feed=false) -%}
    {%- set mapped = ['insider_role', 'transaction_type', 'security_type', 'status'] -%}
    {%- set position = namespace(value=0) -%}
    {%- set items = {} -%}
    {%- for name, alternatives in fields.items() -%}
        {%- do items.update({name: []}) -%}
        {%- for _ in ([alternatives] if alternatives is string else alternatives) -%}
            {%- set text = list_item(texts, position.value) -%}
            {%- if of_feed and name not in mapped -%}
                {%- do items[name].append(given_text(text, name in name_fields() or name == 'country')) -%}
            {%- else -%}
                {%- do items[name].append("nullif(" ~ text ~ ", '')") -%}
            {%- endif -%}
            {%- set position.value = position.value + 1 -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(items) }}
{%- endmacro %}

{#-
    Select list of `fields`: the first alternative that is given in the list column `texts`, else the first one in `fallback_texts`, a list of the texts of
    `fallback_fields`. Names and ids are plain texts (`plain_text`); what a parser or a seed reads keeps the text that it cannot read, and in a generic
    feed (`of_feed`, as in `json_field_items`) names do, too, for `plain_names` to tell.
-#}
{% macro json_field_columns(fields, texts='texts', fallback_fields=none, fallback_texts='record_texts', of_feed=false) -%}
    {%- set items = json_field_items(fields, texts, of_feed) -%}
    {%- set fallback_items = json_field_items(fallback_fields or {}, fallback_texts, of_feed) -%}
    {%- for name in fields %}
        {%- set alternatives = (items[name] + fallback_items.get(name, [])) or ['cast(null as string)'] %}
        {%- set text = alternatives[0] if alternatives | length == 1 else 'coalesce(' ~ alternatives | join(', ') ~ ')' %}
        {{ plain_text(text) if name in name_fields() and not of_feed else text }} as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- The fields that are names and ids: a list or an object is none. -#}
{% macro name_fields() -%}
    {{ return(['filing_id', 'issuer_id', 'issuer_name', 'ticker', 'amends_id', 'url', 'insider_id', 'insider_name']) }}
{%- endmacro %}

{#-
    Select list of the names and ids `names` of a generic feed as plain texts, from columns of the same names in `relation`; and `unreadable_names`: those
    that are a list or an object, as `name=text` with the character 31 between them, null where there is none.
-#}
{% macro plain_names(relation, names) -%}
    {%- set unreadable = [] -%}
    {%- for name in names %}
        {%- set text = relation ~ '.' ~ name %}
        {%- do unreadable.append("coalesce(case when " ~ plain_text(text) ~ " is null then '\u001f" ~ name ~ "=' || " ~ text ~ " end, '')") %}
        {{ plain_text(text) }} as {{ name }},
    {%- endfor %}
        nullif(substring({{ unreadable | join(' || ') }}, 2), '') as unreadable_names
{%- endmacro %}

{#- True where `unreadable_names`, as `plain_names` makes it, has the field `name`. -#}
{% macro is_unreadable_name(unreadable_names, name) -%}
    {%- set mark = '\u001f' -%}
    coalesce(contains('{{ mark }}' || {{ unreadable_names }}, '{{ mark ~ name }}='), false)
{%- endmacro %}

{#- One row per member of the JSON object in the column `json`: columns `name` and `value` (texts), beside the columns `keep` of `relation`. -#}
{% macro json_members(relation, json, keep) -%}
    {{ return(adapter.dispatch('json_members', 'insider_filings')(relation, json, keep)) }}
{%- endmacro %}

{% macro default__json_members(relation, json, keep) -%}
    select
        {% for column in keep %}{{ column }},
        {% endfor -%}
        name,
        json_extract_string({{ json }}, '$."' || name || '"') as value
    from (
        select
            {% for column in keep %}{{ column }},
            {% endfor -%}
            {{ json }},
            unnest(json_keys({{ json }})) as name
        from {{ relation }}
    ) as listed
{%- endmacro %}

{% macro spark__json_members(relation, json, keep) -%}
    select
        {% for column in keep %}{{ relation }}.{{ column }},
        {% endfor -%}
        members.name,
        members.value
    from
        {{ relation }}
    lateral view explode(from_json({{ relation }}.{{ json }}, 'map<string, string>')) members as name, value
{%- endmacro %}
