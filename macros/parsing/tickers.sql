{#-
    The first symbol in a field that is filled by hand: `(SIRI)`, `$ABC`, `NYSE:NYCB`, `NYSE-ABC`, `ABC:US`, `PARAA,PARA` and `AMC/APE` have one, `[NONE]`,
    `Non-traded` and `none/none` have none. What stands behind a slash is a symbol of its own unless it is a class (`BRK/B`) or another kind of paper
    (`ABC/WS`); a single letter behind a blank is a class too (`VOLV B`). What stands behind a dot is part of the symbol (`ABC.PA`, `BT.A`).
-#}
{% macro clean_ticker(ticker) -%}
    {%- set exchange = '(NYSE ?(AMERICAN|ARCA|MKT)?|NASDAQ[ -]?(GS|GM|CM|GLOBAL SELECT|GLOBAL|CAPITAL)? ?(MARKET)?|AMEX|OTC ?(QB|QX|BB|PINK|PK|MARKETS)?|TSX ?-?V?)' -%}
    {#- Of the abbreviations of other exchanges only a colon tells that they are none of a company. -#}
    {%- set abroad = '(LON|LSE|AIM|EPA|ETR|FRA|BIT|BME|AMS|EBR|ELI|STO|CPH|HEL|OSL|SWX|VIE|WSE|TYO|TSE|HKG|ASX|NZE|JSE|NSE|BSE|KRX|SGX|XPAR|XETR|XLON|XAMS|XBRU|XMIL|XSTO|XCSE|XHEL|XOSL|XSWX|XNYS|XNAS)' -%}
    {%- set nothing = '(NONE|NULL|N[.]A|N/A|NA[.]|UNLISTED|UNTRADED|PRIVATE|PRIVATELY|PENDING|UNKNOWN|TBD|TBA)' -%}
    {%- set bare = 'trim(translate(upper(' ~ ticker ~ "), '[]()$‘’“”" ~ '"' ~ "' || chr(39), ''))" -%}
    {%- set listed = replace_pattern(bare, '[ :/-]+' ~ exchange ~ '$', '') -%}
    {%- set at_home = replace_pattern(listed, '^(' ~ exchange ~ '[ :/-]+|' ~ abroad ~ ' *: *)', '') -%}
    {#- A country behind a colon, then whatever else stands before one. -#}
    {%- set named = replace_pattern(replace_pattern(at_home, ' *: *([A-Z][A-Z]|LSE|NSQ|NYQ)$', ''), '^[A-Z ]+: *', '') -%}
    {%- set symbols = replace_pattern(named, '[.:]+$', '') -%}
    {%- set symbol = extract_pattern(symbols, "'[^,;|&+ ]+( [A-Z]$)?'") -%}
    case
        when {{ matches_pattern(named, "'^(" ~ nothing ~ "([.,;:/ ].*)?|NA ?[/,;] ?(NA|NONE)|(NO|NOT) .*|NO[NT][ -]?(TRADED|TRADING|LISTED|QUOTED|PUBLIC|APPLICABLE).*|" ~ exchange ~ "|[^A-Z0-9]*)$'") }} then null
        when {{ matches_pattern(symbol, "'^[^/]+(/([A-Z]|PR[A-Z]?|WS|WT|RT|UN))?$'") }} then {{ symbol }}
        else {{ extract_pattern(symbol, "'[^/]+'") }}
    end
{%- endmacro %}
