{#-
    Texts of feeds as typed values. What cannot be read is null, never an error; the raw text is kept beside it and counted in `field_completeness`.
-#}

{#- `text` as decimal(precision, scale). Reads grouping commas (`1,234.5`), a decimal comma (`12,5`), blanks inside, and a trailing footnote mark (`1,234 (1)`). -#}
{% macro parse_decimal(text, precision, scale=6) -%}
    {%- set digits = replace_pattern(replace_pattern(text, '[ \u00a0]*[(][0-9]+[)]$', ''), '[ \u00a0\u202f]', '') -%}
    {%- set number -%}
        case
            when {{ matches_pattern(digits, "'^[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+([.][0-9]+)?$'") }} then replace({{ digits }}, ',', '')
            when {{ matches_pattern(digits, "'^[+-]?[0-9]+,[0-9]+$'") }} then replace({{ digits }}, ',', '.')
            when {{ matches_pattern(digits, "'^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,3})?$'") }} then {{ digits }}
        end
    {%- endset -%}
    {#- Reading up to 18 digits is fifty times as fast as reading more, and nearly every number has no more. -#}
    {%- if precision > 18 -%}
    coalesce(try_cast({{ number }} as decimal(18, {{ scale }})), try_cast({{ number }} as decimal({{ precision }}, {{ scale }})))
    {%- else -%}
    try_cast({{ number }} as decimal({{ precision }}, {{ scale }}))
    {%- endif -%}
{%- endmacro %}

{#- `text` as a date: ISO (a time or zone behind it is passed over), `02-MAR-2026` or `02.03.2026`. -#}
{% macro parse_date(text) -%}
    case
        when {{ matches_pattern(text, "'^[0-9]{4}-[0-9]{2}-[0-9]{2}($|[T Z+-])'") }} then try_cast(substring({{ text }}, 1, 10) as date)
        when {{ matches_pattern(text, "'^[0-9]{1,2}-[A-Za-z]{3}-[0-9]{4}$'") }} then {{ date_by_form(text, '%d-%b-%Y') }}
        when {{ matches_pattern(text, "'^[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4}$'") }} then {{ date_by_form(text, '%d.%m.%Y') }}
    end
{%- endmacro %}

{#- `text` as a UTC timestamp: ISO with or without an offset (without one it is UTC), epoch seconds or milliseconds; a date alone is the `cut_off` of that day in `zone`. -#}
{% macro parse_timestamp(text, zone, cut_off) -%}
    case
        when {{ matches_pattern(text, "'^([0-9]{4}-[0-9]{2}-[0-9]{2}(Z|[+-][0-9]{2}:?[0-9]{2})?|[0-9]{1,2}-[A-Za-z]{3}-[0-9]{4}|[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4})$'") }}
            then {{ to_utc(at_time(parse_date(text), cut_off), zone) }}
        when {{ matches_pattern(text, "'^[0-9]{10}$'") }} then {{ epoch_timestamp('try_cast(' ~ text ~ ' as bigint)') }}
        when {{ matches_pattern(text, "'^[0-9]{13}$'") }} then {{ epoch_timestamp('try_cast(' ~ text ~ ' as bigint) / 1000.0') }}
        when {{ matches_pattern(text, "'^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)? ?(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)?$'") }}
            then {{ utc_timestamp('try_cast(' ~ text ~ ' as ' ~ zoned_timestamp_type() ~ ')') }}
    end
{%- endmacro %}

{#- `text` as a boolean: true, 1, yes, y and false, 0, no, n in any case; anything else is unknown (null). -#}
{% macro parse_boolean(text) -%}
    case
        when lower({{ text }}) in ('true', '1', 'yes', 'y') then true
        when lower({{ text }}) in ('false', '0', 'no', 'n') then false
    end
{%- endmacro %}
