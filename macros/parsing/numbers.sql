{#- Numbers as feeds write them, with a point or a comma before the decimals. -#}

{#- `text` without a trailing footnote mark (`1,234 (1)`), blanks and the apostrophes that group digits in Switzerland. -#}
{% macro digits_of(text) -%}
    {{ replace_pattern(replace_pattern(text, '[ \u00a0]*[(][0-9]+[)]$', ''), '[ \u00a0\u202f\u2007\u2009\u2019\'\']', '') }}
{%- endmacro %}

{#- True where `text` has one separator and three digits behind it (`12,345`, `1.000`): it can be read in two ways. -#}
{% macro is_ambiguous_number(text) -%}
    coalesce({{ matches_pattern(digits_of(text), "'^[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}$'") }}, false)
{%- endmacro %}

{#-
    `text` as a number that can be cast, null where it is none.

    separator: the decimal separator, `.` or `,` (a SQL expression), of numbers that can be read in two ways; they are null where it is. All
        others are read as what they must be.
-#}
{% macro number_text(text, separator) -%}
    {%- set digits = digits_of(text) -%}
    case
        when {{ matches_pattern(digits, "'^[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}$'") }}
            then case
                when {{ separator }} = '.' then replace({{ digits }}, ',', '')
                when {{ separator }} = ',' then replace(replace({{ digits }}, '.', ''), ',', '.')
            end
        when {{ matches_pattern(digits, "'^[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+([.][0-9]+)?$'") }} then replace({{ digits }}, ',', '')
        when {{ matches_pattern(digits, "'^[+-]?[1-9][0-9]{0,2}([.][0-9]{3}([.][0-9]{3})+|([.][0-9]{3})+,[0-9]+)$'") }}
            then replace(replace({{ digits }}, '.', ''), ',', '.')
        when {{ matches_pattern(digits, "'^[+-]?[0-9]+,[0-9]+$'") }} then replace({{ digits }}, ',', '.')
        when {{ matches_pattern(digits, "'^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,3})?$'") }} then {{ digits }}
    end
{%- endmacro %}

{#- `text` as decimal(precision, scale); `separator` as in `number_text`. -#}
{% macro parse_decimal(text, precision, scale=6, separator="'.'") -%}
    {%- set number = number_text(text, separator) -%}
    {#- Reading up to 18 digits is fifty times as fast as reading more, and nearly every number has no more. -#}
    {%- if precision > 18 -%}
    coalesce(try_cast({{ number }} as decimal(18, {{ scale }})), try_cast({{ number }} as decimal({{ precision }}, {{ scale }})))
    {%- else -%}
    try_cast({{ number }} as decimal({{ precision }}, {{ scale }}))
    {%- endif -%}
{%- endmacro %}

{#-
    True where the document `document` (JSON text) has a text under one of the keys `names` that is a number and shows by itself that its decimal
    separator is `separator`: `12.5`, `1,234.5`, `1,234,567` and `1 234.567` show a point, `12,5`, `0,125` and `1.234,5` a comma.
-#}
{% macro shows_separator(document, names, separator) -%}
    {%- set decimal, group = ('[.]', ',') if separator == '.' else (',', '[.]') -%}
    {%- set blanks = '[ \t\r\n]*' -%}
    {%- set number -%}
        [+-]?([1-9][0-9]{0,2}({{ group }}[0-9]{3})+{{ decimal }}[0-9]+|[1-9][0-9]{0,2}({{ group }}[0-9]{3}){2,}|[0-9 ]*{{ decimal }}([0-9]{1,2}|[0-9]{4,})|0{{ decimal }}[0-9]+|([0-9]{4,}|[0-9]{1,3}( [0-9]{3})+){{ decimal }}[0-9]+)
    {%- endset -%}
    coalesce({{ matches_pattern(document, "'\"(" ~ names | join('|') ~ ')"' ~ blanks ~ ':' ~ blanks ~ '"' ~ number ~ "\"'") }}, false)
{%- endmacro %}

{#- True where `shares` times `price` is `value`, to a hundredth, with the decimal separators of each (SQL expressions). -#}
{% macro product_fits(shares, price, value, separators) -%}
    {%- set numbers = [] -%}
    {%- for text in [shares, price, value] -%}
        {%- do numbers.append('try_cast(' ~ number_text(text, separators[loop.index0]) ~ ' as double)') -%}
    {%- endfor -%}
    coalesce(abs(abs({{ numbers[0] }} * {{ numbers[1] }}) - abs({{ numbers[2] }})) < 0.01 * abs({{ numbers[2] }}), false)
{%- endmacro %}
