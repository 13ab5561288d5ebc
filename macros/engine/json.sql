{#-
    JSON access. Everything that reads a payload goes through these macros, because the engines share neither function names nor array indexing.
-#}

{#- A list of the texts at `paths` (JSON paths) inside the column or expression `json`; the document is parsed once for all of them. -#}
{% macro json_texts(json, paths) -%}
    {{ return(adapter.dispatch('json_texts', 'insider_filings')(json, paths)) }}
{%- endmacro %}

{% macro default__json_texts(json, paths) -%}
    json_extract_string({{ json }}, ['{{ paths | join("', '") }}'])
{%- endmacro %}

{#- Item number `position` (from 0) of the list that `json_texts` made. -#}
{% macro list_item(list, position) -%}
    {{ return(adapter.dispatch('list_item', 'insider_filings')(list, position)) }}
{%- endmacro %}

{% macro default__list_item(list, position) -%}
    {{ list }}[{{ position + 1 }}]
{%- endmacro %}

{#- True where the value at `path` inside `json` is an array. -#}
{% macro json_is_array(json, path) -%}
    {{ return(adapter.dispatch('json_is_array', 'insider_filings')(json, path)) }}
{%- endmacro %}

{% macro default__json_is_array(json, path) -%}
    coalesce(json_type({{ json }}, '{{ path }}') = 'ARRAY', false)
{%- endmacro %}

{#- True where the text `json` is a JSON object. -#}
{% macro json_is_object(json) -%}
    {{ return(adapter.dispatch('json_is_object', 'insider_filings')(json)) }}
{%- endmacro %}

{% macro default__json_is_object(json) -%}
    coalesce(json_type({{ json }}) = 'OBJECT', false)
{%- endmacro %}

{#- One row per element of the array at `path` of the column `json`: columns `element` (JSON text) and `ordinal` (from 1), beside the columns `keep` of `relation`. -#}
{% macro json_elements(relation, json, path, keep) -%}
    {{ return(adapter.dispatch('json_elements', 'insider_filings')(relation, json, path, keep)) }}
{%- endmacro %}

{% macro default__json_elements(relation, json, path, keep) -%}
    select
        {% for column in keep %}{{ relation }}.{{ column }},
        {% endfor -%}
        cast(elements.element as string) as element,
        elements.ordinal
    from
        {{ relation }},
        unnest(json_extract({{ relation }}.{{ json }}, '{{ path }}[*]')) with ordinality as elements (element, ordinal)
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

{#-
    The texts of each field of `fields`, in the list column `texts` made with `json_texts(…, json_field_paths(fields))`: name -> list of
    expressions, trimmed, empty text as null, one for each alternative path; a field without a path has none.
-#}
{% macro json_field_items(fields, texts) -%}
    {%- set position = namespace(value=0) -%}
    {%- set items = {} -%}
    {%- for name, alternatives in fields.items() -%}
        {%- do items.update({name: []}) -%}
        {%- for _ in ([alternatives] if alternatives is string else alternatives) -%}
            {%- do items[name].append("nullif(" ~ trim_text(list_item(texts, position.value)) ~ ", '')") -%}
            {%- set position.value = position.value + 1 -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(items) }}
{%- endmacro %}

{#- Select list of `fields`: the first alternative that is given in the list column `texts`, else the first one in `fallback_texts`, a list of the texts of `fallback_fields`. -#}
{% macro json_field_columns(fields, texts='texts', fallback_fields=none, fallback_texts='record_texts') -%}
    {%- set items = json_field_items(fields, texts) -%}
    {%- set fallback_items = json_field_items(fallback_fields or {}, fallback_texts) -%}
    {%- for name in fields %}
        {%- set alternatives = (items[name] + fallback_items.get(name, [])) or ['cast(null as string)'] %}
        {{ alternatives[0] if alternatives | length == 1 else 'coalesce(' ~ alternatives | join(', ') ~ ')' }} as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- One row per member of the JSON object in the column `json`: columns `name` and `value` (texts), beside the columns `keep` of `relation`. -#}
{% macro json_members(relation, json, keep) -%}
    {{ return(adapter.dispatch('json_members', 'insider_filings')(relation, json, keep)) }}
{%- endmacro %}

{% macro default__json_members(relation, json, keep) -%}
    select
        {% for column in keep %}{{ relation }}.{{ column }},
        {% endfor -%}
        members.name,
        json_extract_string({{ relation }}.{{ json }}, '$."' || members.name || '"') as value
    from
        {{ relation }},
        unnest(json_keys({{ relation }}.{{ json }})) as members (name)
{%- endmacro %}
