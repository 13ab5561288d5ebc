{#- Every match of the regular expression `pattern` in `text` replaced; `\1` in `replacement` is its first group. -#}
{% macro replace_pattern(text, pattern, replacement) -%}
    {{ return(adapter.dispatch('replace_pattern', 'insider_filings')(text, pattern, replacement)) }}
{%- endmacro %}

{% macro default__replace_pattern(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}

{% macro spark__replace_pattern(text, pattern, replacement) -%}
    regexp_replace({{ text }}, {{ spark__pattern("'" ~ pattern ~ "'") }}, '{{ replacement | replace('\\', '$') }}')
{%- endmacro %}

{#- As `replace_pattern`, with a pattern that is a SQL expression. -#}
{% macro replace_matches(text, pattern, replacement) -%}
    {{ return(adapter.dispatch('replace_matches', 'insider_filings')(text, pattern, replacement)) }}
{%- endmacro %}

{% macro default__replace_matches(text, pattern, replacement) -%}
    regexp_replace({{ text }}, {{ pattern }}, '{{ replacement }}', 'g')
{%- endmacro %}

{% macro spark__replace_matches(text, pattern, replacement) -%}
    regexp_replace({{ text }}, {{ spark__pattern(pattern) }}, '{{ replacement | replace('\\', '$') }}')
{%- endmacro %}

{#- True where the regular expression `pattern` (a SQL expression) occurs in `text`. -#}
{% macro matches_pattern(text, pattern) -%}
    {{ return(adapter.dispatch('matches_pattern', 'insider_filings')(text, pattern)) }}
{%- endmacro %}

{% macro default__matches_pattern(text, pattern) -%}
    regexp_matches({{ text }}, {{ pattern }})
{%- endmacro %}

{% macro spark__matches_pattern(text, pattern) -%}
    regexp_like({{ text }}, {{ spark__pattern(pattern) }})
{%- endmacro %}

{#- A pattern (a SQL expression) as Java reads it: lines end with \n alone, and `$` is the end of the text, also where that is a line break. -#}
{% macro spark__pattern(pattern) -%}
    {%- if pattern.startswith("'") -%}
        {{ return("'(?d)" ~ pattern[1:] | replace('$', '\\\\z')) }}
    {%- else -%}
        {{ return("'(?d)' || " ~ pattern) }}
    {%- endif -%}
{%- endmacro %}

{#- One row per part of `text` between matches of the regular expression `pattern`: columns `part` and `ordinal` (from 1), beside the columns `keep` of `relation`. -#}
{% macro split_into_rows(relation, text, pattern, keep) -%}
    {{ return(adapter.dispatch('split_into_rows', 'insider_filings')(relation, text, pattern, keep)) }}
{%- endmacro %}

{% macro default__split_into_rows(relation, text, pattern, keep) -%}
    {%- set parts = 'regexp_split_to_array(' ~ relation ~ '.' ~ text ~ ", '" ~ pattern ~ "')" -%}
    select
        {% for column in keep %}{{ relation }}.{{ column }},
        {% endfor -%}
        unnest({{ parts }}) as part,
        generate_subscripts({{ parts }}, 1) as ordinal
    from {{ relation }}
{%- endmacro %}

{% macro spark__split_into_rows(relation, text, pattern, keep) -%}
    select
        {% for column in keep %}{{ relation }}.{{ column }},
        {% endfor -%}
        parts.part,
        cast(parts.place + 1 as bigint) as ordinal
    from
        {{ relation }}
    lateral view posexplode(split({{ relation }}.{{ text }}, {{ spark__pattern("'" ~ pattern ~ "'") }})) parts as place, part
{%- endmacro %}

{#- True where the condition holds for a part of `text` between matches of the regular expression `pattern`; the condition calls the part `name`. -#}
{% macro any_part(text, pattern, name, condition) -%}
    {{ return(adapter.dispatch('any_part', 'insider_filings')(text, pattern, name, condition)) }}
{%- endmacro %}

{% macro default__any_part(text, pattern, name, condition) -%}
    coalesce(list_bool_or(list_transform(regexp_split_to_array({{ text }}, '{{ pattern }}'), lambda {{ name }} : {{ condition }})), false)
{%- endmacro %}

{% macro spark__any_part(text, pattern, name, condition) -%}
    coalesce(exists(split({{ text }}, {{ spark__pattern("'" ~ pattern ~ "'") }}), {{ name }} -> {{ condition }}), false)
{%- endmacro %}

{#- The values of `expression`, in the order of `order_by`, as one text with `separator` between them. -#}
{% macro ordered_list(expression, order_by, separator=',') -%}
    {{ return(adapter.dispatch('ordered_list', 'insider_filings')(expression, order_by, separator)) }}
{%- endmacro %}

{% macro default__ordered_list(expression, order_by, separator) -%}
    string_agg({{ expression }}, '{{ separator }}' order by {{ order_by }})
{%- endmacro %}

{#- Not `listagg`: beside another distinct aggregate Spark 4.3 stops at it. -#}
{% macro spark__ordered_list(expression, order_by, separator) -%}
    {%- if expression.startswith('distinct ') -%}
        {%- set value = expression[9:] -%}
        {%- set texts = 'array_sort(collect_set(' ~ value ~ '))' -%}
    {%- else -%}
        {%- set value = expression -%}
        {%- set texts = 'transform(array_sort(collect_list(struct(struct(' ~ order_by ~ ') as place, ' ~ value ~ ' as text))), item -> item.text)' -%}
    {%- endif -%}
    case when count({{ value }}) > 0 then array_join({{ texts }}, '{{ separator }}') end
{%- endmacro %}

{#- The first match of the regular expression `pattern` (a SQL expression) in `text`. -#}
{% macro extract_pattern(text, pattern) -%}
    {{ return(adapter.dispatch('extract_pattern', 'insider_filings')(text, pattern)) }}
{%- endmacro %}

{% macro default__extract_pattern(text, pattern) -%}
    regexp_extract({{ text }}, {{ pattern }}, 0)
{%- endmacro %}

{% macro spark__extract_pattern(text, pattern) -%}
    regexp_extract({{ text }}, {{ spark__pattern(pattern) }}, 0)
{%- endmacro %}

{#- `text` without spaces, line breaks and no-break spaces at its ends. -#}
{% macro trim_text(text) -%}
    {{ return(adapter.dispatch('trim_text', 'insider_filings')(text)) }}
{%- endmacro %}

{#- Trimming costs DuckDB three times as much as finding that hardly any text needs it. -#}
{% macro default__trim_text(text) -%}
    {%- set blanks = " \t\r\n\u00a0\u202f" -%}
    case when regexp_matches({{ text }}, '^[{{ blanks }}]|[{{ blanks }}]$') then trim({{ text }}, '{{ blanks }}') else {{ text }} end
{%- endmacro %}

{% macro spark__trim_text(text) -%}
    trim(both '{{ " \t\r\n\u00a0\u202f" }}' from {{ text }})
{%- endmacro %}

{#-
    `text` as all texts of a feed are compared: each letter with its accents as one character (Unicode's form NFC), full-width letters, digits and signs
    as those of ASCII, every blank as a space and every hyphen and minus as `-`, without what cannot be seen (soft hyphens, characters without width,
    marks of direction), and trimmed as by `trim_text`. Most texts are plain ASCII, which is found out faster than anything is replaced.
-#}
{% macro clean_text(text) -%}
    {%- set invisible = "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]" -%}
    {%- set blanks = "\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000" -%}
    {%- set hyphens = "\u2010\u2011\u2212\ufe63\uff0d" -%}
    {%- set wide = "！＂＃＄％＆（）＊＋，．／０１２３４５６７８９：；＜＝＞？＠ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ［］＾＿｀ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ｛｜｝～" -%}
    {%- set ascii = '!"#$%&()*+,./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~' -%}
    {#- The apostrophe and the backslash by their numbers: engines escape them differently. -#}
    {%- set plain = "translate(" ~ replace_pattern(text, invisible, '') ~ ", '" ~ blanks ~ hyphens ~ wide ~ "＇＼', '"
        ~ ' ' * (blanks | length) ~ '-' * (hyphens | length) ~ ascii ~ "' || chr(39) || chr(92))" -%}
    {{ return(adapter.dispatch('clean_text', 'insider_filings')(text, plain)) }}
{%- endmacro %}

{% macro default__clean_text(text, plain) -%}
    case
        when strlen({{ text }}) > length({{ text }}) then trim(nfc_normalize({{ plain }}), '{{ " \t\r\n" }}')
        else {{ trim_text(text) }}
    end
{%- endmacro %}

{#- Spark has no such function of its own; the library of Unicode that it brings has. -#}
{% macro spark__clean_text(text, plain) -%}
    case
        when octet_length({{ text }}) > length({{ text }})
            then {{ trim_text("reflect('com.ibm.icu.text.Normalizer', 'compose', " ~ plain ~ ", false)") }}
        else {{ trim_text(text) }}
    end
{%- endmacro %}

{#- `text` in lower case, letter by letter. -#}
{% macro lower_text(text) -%}
    {{ return(adapter.dispatch('lower_text', 'insider_filings')(text)) }}
{%- endmacro %}

{% macro default__lower_text(text) -%}
    lower({{ text }})
{%- endmacro %}

{#- Java makes two letters of the Turkish dotted I, and another sigma at the end of a word. -#}
{% macro spark__lower_text(text) -%}
    lower(translate({{ text }}, '{{ "\u0130\u03a3" }}', '{{ "i\u03c3" }}'))
{%- endmacro %}
