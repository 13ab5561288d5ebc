{#-
    The first symbol in a field that is filled by hand: `(SIRI)`, `$ABC`, `NYSE:NYCB`, `NYSE-ABC`, `PARAA,PARA` and `AMC/APE` have one, `[NONE]` and
    `Not Traded` have none. What stands behind a slash is a symbol of its own unless it is a class (`BRK/B`) or another kind of paper (`ABC/WS`).
-#}
{% macro clean_ticker(ticker) -%}
    {%- set exchange = '(NYSE ?(AMERICAN|ARCA|MKT)?|NASDAQ ?(GS|GM|CM|GLOBAL SELECT|GLOBAL|CAPITAL)? ?(MARKET)?|AMEX|OTC ?(QB|QX|BB|PINK|PK|MARKETS)?|TSX ?-?V?)' -%}
    {%- set nothing = '(NONE|NULL|N[.]A|N/A|NA[.]|UNLISTED|UNTRADED|PRIVATE|PRIVATELY|PENDING|UNKNOWN|TBD|TBA)' -%}
    {%- set bare = 'trim(translate(upper(' ~ ticker ~ "), '[]()$" ~ '"' ~ "', ''))" -%}
    {%- set listed = replace_pattern(bare, '[ :/-]+' ~ exchange ~ '$', '') -%}
    {%- set symbols = replace_pattern(replace_pattern(listed, '^[A-Z ]+: *', ''), '^' ~ exchange ~ '[ :/-]+', '') -%}
    {%- set symbol = extract_pattern(symbols, "'[^,;|&+ ]+'") -%}
    case
        when {{ matches_pattern(symbols, "'^(" ~ nothing ~ "([.,;: ].*)?|(NO|NOT) .*|" ~ exchange ~ "|[^A-Z0-9]*)$'") }} then null
        when {{ matches_pattern(symbol, "'^[^/]+(/([A-Z]|PR[A-Z]?|WS|WT|RT|UN))?$'") }} then {{ symbol }}
        else {{ extract_pattern(symbol, "'[^/]+'") }}
    end
{%- endmacro %}
