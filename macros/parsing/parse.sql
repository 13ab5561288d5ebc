{#-
    Texts of feeds as typed values. What cannot be read is null, never an error; the raw text is kept beside it and counted in `field_completeness`.
-#}

{#- `text` as a date: ISO (a time or zone behind it is passed over), `20260302`, `02-MAR-2026` or `02.03.2026`. -#}
{% macro parse_date(text) -%}
    case
        when {{ matches_pattern(text, "'^[0-9]{4}-[0-9]{2}-[0-9]{2}($|[T Z+-])'") }} then try_cast(substring({{ text }}, 1, 10) as date)
        when {{ matches_pattern(text, "'^(19|20)[0-9]{6}$'") }}
            then try_cast(substring({{ text }}, 1, 4) || '-' || substring({{ text }}, 5, 2) || '-' || substring({{ text }}, 7, 2) as date)
        when {{ matches_pattern(text, "'^[0-9]{1,2}-[A-Za-z]{3}-[0-9]{4}$'") }} then {{ date_by_form(text, '%d-%b-%Y') }}
        when {{ matches_pattern(text, "'^[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4}$'") }} then {{ date_by_form(text, '%d.%m.%Y') }}
    end
{%- endmacro %}

{#- The time with an offset `text` in the one spelling that every engine reads: with seconds, with digits for UTC, without a blank before the offset. -#}
{% macro offset_time(text) -%}
    {%- set behind = "replace(replace(replace(substring(" ~ text ~ ", 17), ' ', ''), 'UTC', '+00:00'), 'Z', '+00:00')" -%}
    substring({{ text }}, 1, 16) || case when substring({{ text }}, 17, 1) = ':' then '' else ':00' end || {{ behind }}
{%- endmacro %}

{#-
    `text` as a UTC timestamp, where it names an instant: ISO with an offset, epoch seconds or milliseconds, or a time without an offset; null for
    a date alone.

    zone: the market's time zone (a SQL expression)
    timestamp_zone: the zone of times without an offset: `market`, or a name; none: the later of UTC and the market's clock, early by neither
-#}
{% macro parse_instant(text, zone, timestamp_zone=none) -%}
    {%- set local = 'try_cast(' ~ text ~ ' as timestamp)' -%}
    {%- set time = '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?' -%}
    case
        when {{ matches_pattern(text, "'^[0-9]{10}$'") }} then {{ epoch_timestamp('try_cast(' ~ text ~ ' as bigint)') }}
        when {{ matches_pattern(text, "'^[0-9]{13}$'") }} then {{ epoch_timestamp('try_cast(' ~ text ~ ' as bigint) / 1000.0') }}
        when {{ matches_pattern(text, "'^" ~ time ~ " ?(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)$'") }}
            then {{ utc_timestamp('try_cast(' ~ offset_time(text) ~ ' as ' ~ zoned_timestamp_type() ~ ')') }}
        when {{ matches_pattern(text, "'^" ~ time ~ "$'") }}
            {%- if timestamp_zone is none %}
            then greatest({{ local }}, {{ to_utc(local, zone) }})
            {%- else %}
            then {{ to_utc(local, zone if timestamp_zone == 'market' else "'" ~ timestamp_zone ~ "'") }}
            {%- endif %}
    end
{%- endmacro %}

{#-
    `text` as a date, where an instant may stand for one: midnight in UTC or in the market is that date there; of any other instant the market's
    date counts, or for `is_latest` the later of UTC's and the market's. A time without an offset that is midnight is the date as it is written.

    zone, timestamp_zone: as in `parse_instant`
    day_zone: the zone that says on which day of the market an instant lies (a SQL expression)
-#}
{% macro parse_day(text, zone, day_zone, is_latest, timestamp_zone=none) -%}
    {%- set instant = parse_instant(text, zone, timestamp_zone) -%}
    {%- set utc_date = 'cast(' ~ instant ~ ' as date)' -%}
    {%- set market_date = 'cast(' ~ from_utc(instant, day_zone) ~ ' as date)' -%}
    case
        when {{ matches_pattern(text, "'^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]00:00(:00([.]0+)?)?)?$'") }} then try_cast(substring({{ text }}, 1, 10) as date)
        {%- if is_latest %}
        else coalesce(greatest({{ utc_date }}, {{ market_date }}), {{ parse_date(text) }})
        {%- else %}
        when {{ instant }} = cast({{ utc_date }} as timestamp) then {{ utc_date }}
        else coalesce({{ market_date }}, {{ parse_date(text) }})
        {%- endif %}
    end
{%- endmacro %}

{#- `text` as a UTC timestamp: an instant as `parse_instant` reads it; a date alone is the `cut_off` of that day in `zone`. -#}
{% macro parse_timestamp(text, zone, cut_off, timestamp_zone=none) -%}
    case
        when {{ matches_pattern(text, "'^([0-9]{4}-[0-9]{2}-[0-9]{2}(Z|[+-][0-9]{2}:?[0-9]{2})?|(19|20)[0-9]{6}|[0-9]{1,2}-[A-Za-z]{3}-[0-9]{4}|[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4})$'") }}
            then {{ to_utc(at_time(parse_date(text), cut_off), zone) }}
        else {{ parse_instant(text, zone, timestamp_zone) }}
    end
{%- endmacro %}

{#- `text` as a boolean: true, 1, yes, y and false, 0, no, n in any case; anything else is unknown (null). -#}
{% macro parse_boolean(text) -%}
    case
        when lower({{ text }}) in ('true', '1', 'yes', 'y') then true
        when lower({{ text }}) in ('false', '0', 'no', 'n') then false
    end
{%- endmacro %}
