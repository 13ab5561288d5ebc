{#-
    Texts of feeds as typed values. What cannot be read is null, never an error; the raw text is kept beside it and counted in `field_completeness`.
-#}

{#- `text` as a date: `2026-03-02`, also with a zone behind it, `2026/03/02`, `2026.03.02`, `20260302`, `02-MAR-2026`, `2 Mar 2026` or `02.03.2026`; null where a time stands behind it. -#}
{% macro parse_date(text) -%}
    case
        when {{ matches_pattern(text, "'^[0-9]{4}-[0-9]{2}-[0-9]{2}( ?(Z|[+-][0-9]{2}(:?[0-9]{2})?))?$'") }} then try_cast(substring({{ text }}, 1, 10) as date)
        when {{ matches_pattern(text, "'^(19|20)[0-9]{6}$'") }}
            then try_cast(substring({{ text }}, 1, 4) || '-' || substring({{ text }}, 5, 2) || '-' || substring({{ text }}, 7, 2) as date)
        when {{ matches_pattern(text, "'^[0-9]{1,2}[- ][A-Za-z]{3}[- ][0-9]{4}$'") }} then {{ date_by_form("replace(" ~ text ~ ", ' ', '-')", '%d-%b-%Y') }}
        when {{ matches_pattern(text, "'^[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4}$'") }} then {{ date_by_form(text, '%d.%m.%Y') }}
        when {{ matches_pattern(text, "'^[0-9]{4}[/.][0-9]{2}[/.][0-9]{2}$'") }} then try_cast(translate({{ text }}, '/.', '--') as date)
    end
{%- endmacro %}

{#- The time of day `clock` with the zone behind it, as it stands behind a date, in the spelling of `time_text`; null where it can be read in no way, or in two. -#}
{% macro clock_text(clock) -%}
    {%- set with_seconds = replace_pattern(clock, '^([0-9]{2}):?([0-9]{2})($|[^0-9:])', '\\1:\\2:00\\3') -%}
    {%- set separated = replace_pattern(with_seconds, '^([0-9]{2}):?([0-9]{2}):?([0-9]{2})', '\\1:\\2:\\3') -%}
    {%- set fraction = replace_pattern(separated, '^([0-9:]{8})[.,]([0-9]{1,6})[0-9]*', '\\1.\\2') -%}
    {%- set utc = replace_pattern(fraction, ' ?(Z|UTC?|GMT)$', '+00:00') -%}
    {%- set offset = replace_pattern(replace_pattern(utc, ' ?([+-][0-9]{2})$', '\\1:00'), ' ?([+-][0-9]{2}):?([0-9]{2})$', '\\1:\\2') -%}
    case
        when {{ matches_pattern(offset, "'^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?([+-](0[0-9]|1[0-4]):[0-5][0-9])?$'") }} then {{ offset }}
    end
{%- endmacro %}

{#-
    A date or a time in the one spelling that the parsers below read: `2026-03-02` for a date alone, `2026-03-02 10:00:00.25` for a time without an
    offset, `2026-03-02 10:00:00+01:00` for an instant. Read are ISO in all its forms, times of e-mails (`Mon, 2 Mar 2026 10:00:00 GMT`), the dates of
    `parse_date` with a time behind them, and seconds since 1970, with decimals or in milli-, micro- or nanoseconds. What can be read in no way, or in
    two (`EST`, `03/02/2026`), is null.
-#}
{% macro time_text(text) -%}
    {%- set plain = replace_pattern('upper(' ~ text ~ ')', '^(MON|TUE|WED|THU|FRI|SAT|SUN)[A-Z]*,? +', '') -%}
    {%- set date = '([0-9]{4}[-/.][0-9]{2}[-/.][0-9]{2}|(19|20)[0-9]{6}|[0-9]{1,2}[- ][A-Z]{3}[- ][0-9]{4}|[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4})' -%}
    {%- set seconds = "substring(" ~ text ~ ", 1, 10) || '.' || substring(" ~ replace_pattern('substring(' ~ text ~ ', 11)', '[.,]', '') ~ " || '0', 1, 6)" -%}
    case
        when {{ matches_pattern(text, "'^[0-9]{4}-[0-9]{2}-[0-9]{2}$'") }} then cast(try_cast({{ text }} as date) as string)
        when {{ matches_pattern(text, "'^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?$'") }}
            then replace(replace({{ text }}, 'T', ' '), 'Z', '+00:00')
        when
            {{ matches_pattern(text, "'^[12][0-9]{9}([0-9]{3}|[0-9]{6}|[0-9]{9})?([.,][0-9]+)?$'") }}
            -- Or a date and an hour.
            and not {{ matches_pattern(text, "'^20[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])([01][0-9]|2[0-3])$'") }}
            then cast({{ epoch_timestamp('cast(' ~ seconds ~ ' as decimal(28, 6))') }} as string) || '+00:00'
        else coalesce(
            cast({{ parse_date(plain) }} as string),
            cast({{ parse_date(extract_pattern(plain, "'^" ~ date ~ "'")) }} as string)
            || ' ' || {{ clock_text(replace_pattern(plain, '^' ~ date ~ ',? *T? *', '')) }}
        )
    end
{%- endmacro %}

{#- True where `time`, as `time_text` spells it, is the midnight of a date without an offset: most likely the date alone. -#}
{% macro is_local_midnight(time) -%}
    {{ matches_pattern(time, "' 00:00:00([.]0+)?$'") }}
{%- endmacro %}

{#- False where `time`, as `time_text` spells it, lies before 1990 or after 2199: what programs write where they know no time (`0001-01-01`, `1970-01-01`, `9999-12-31`). -#}
{% macro is_of_a_filing(time) -%}
    (substring({{ time }}, 1, 4) between '1990' and '2199')
{%- endmacro %}

{#-
    `time`, as `time_text` spells it, as a UTC timestamp where it names an instant, or a time without an offset; null for a date alone.

    zone: the market's time zone (a SQL expression)
    timestamp_zone: the zone of times without an offset: `market`, or a name; none: the later of UTC and the market's clock, early by neither
-#}
{% macro parse_instant(time, zone, timestamp_zone=none) -%}
    {%- set local = 'try_cast(' ~ time ~ ' as timestamp)' -%}
    case
        when {{ matches_pattern(time, "'[+-][0-9]{2}:[0-9]{2}$'") }} then {{ utc_timestamp('try_cast(' ~ time ~ ' as ' ~ zoned_timestamp_type() ~ ')') }}
        when length({{ time }}) > 10
            {%- if timestamp_zone is none %}
            then greatest({{ local }}, {{ to_utc(local, zone) }})
            {%- else %}
            then {{ to_utc(local, zone if timestamp_zone == 'market' else "'" ~ timestamp_zone ~ "'") }}
            {%- endif %}
    end
{%- endmacro %}

{#-
    `time`, as `time_text` spells it, as a date, where an instant may stand for one: midnight in UTC or in the market is that date there; of any other
    instant the market's date counts, or for `is_latest` the later of UTC's and the market's, null where that is no time of a filing. A time without an offset that is midnight is the date as
    it is written, and so is any without `is_latest` where no setting names its zone.

    instant: `parse_instant` of the time (a column: it is asked for more than once)
    day_zone: the zone that says on which day of the market an instant lies (a SQL expression)
    timestamp_zone: as in `parse_instant`
-#}
{% macro parse_day(time, instant, day_zone, is_latest, timestamp_zone=none) -%}
    {%- set utc_date = 'cast(' ~ instant ~ ' as date)' -%}
    {%- set market_date = 'cast(' ~ from_utc(instant, day_zone) ~ ' as date)' -%}
    {%- set is_as_written -%}
        length({{ time }}) = 10 or {{ is_local_midnight(time) }}
        {%- if not is_latest and timestamp_zone in [none, 'market'] %} or not {{ matches_pattern(time, "'[+-][0-9]{2}:[0-9]{2}$'") }}{% endif %}
    {%- endset -%}
    {%- set written = 'try_cast(substring(' ~ time ~ ', 1, 10) as date)' -%}
    case
        {%- if is_latest %}
        when not {{ is_of_a_filing(time) }} then null
        when {{ is_as_written }} then {{ written }}
        else greatest({{ utc_date }}, {{ market_date }})
        {%- else %}
        when {{ is_as_written }} then {{ written }}
        when {{ instant }} = cast({{ utc_date }} as timestamp) then {{ utc_date }}
        else {{ market_date }}
        {%- endif %}
    end
{%- endmacro %}

{#-
    `time`, as `time_text` spells it, as a UTC timestamp: its `instant` (`parse_instant`, a column); a date alone, and midnight as it is written, in UTC
    or in `zone`, is the `cut_off` of that day in `zone`. Null where it is no time of a filing.
-#}
{% macro parse_timestamp(time, instant, zone, cut_off) -%}
    {%- set local = from_utc(instant, zone) -%}
    {%- set written_date = 'try_cast(substring(' ~ time ~ ', 1, 10) as date)' -%}
    {%- set days = ['case when ' ~ matches_pattern(time, "'^.{10}( 00:00:00([.]0+)?([+-].*)?)?$'") ~ ' then ' ~ written_date ~ ' end'] -%}
    {%- for moment in [instant, local] -%}
        {%- set date = 'cast(' ~ moment ~ ' as date)' -%}
        {%- do days.append('case when ' ~ moment ~ ' = cast(' ~ date ~ ' as timestamp) then ' ~ date ~ ' end') -%}
    {%- endfor -%}
    case
        when not {{ is_of_a_filing(time) }} then null
        -- The clocks of all zones differ by quarters of an hour: no other time is midnight anywhere, and none needs a zone.
        when not {{ matches_pattern(time, "'^.{10}( [0-9]{2}:(00|15|30|45):00([.]0+)?([+-].*)?)?$'") }} then {{ instant }}
        else greatest({{ instant }}, {{ to_utc(at_time('greatest(' ~ days | join(', ') ~ ')', cut_off), zone) }})
    end
{%- endmacro %}

{#- The earliest time that `time`, as `time_text` spells it, can mean: of a date alone the beginning of the day, of any other the `instant`. Arguments as in `parse_timestamp`. -#}
{% macro earliest_timestamp(time, instant, zone) -%}
    case
        when not {{ is_of_a_filing(time) }} then null
        when length({{ time }}) = 10 then {{ to_utc('cast(try_cast(' ~ time ~ ' as date) as timestamp)', zone) }}
        else {{ instant }}
    end
{%- endmacro %}

{#-
    Those of the `flags` (name: text) that are given and no boolean, as `name=text` with the character 31 between them; null where there is none.
-#}
{% macro unreadable_flags(flags) -%}
    {%- set unreadable = [] -%}
    {%- for name, text in flags.items() -%}
        {%- do unreadable.append("coalesce(case when " ~ parse_boolean(text) ~ " is null then '\u001f" ~ name ~ "=' || " ~ text ~ " end, '')") -%}
    {%- endfor -%}
    nullif(substring({{ unreadable | join(' || ') }}, 2), '')
{%- endmacro %}

{#- `text` as a boolean: true, 1, yes, y and false, 0, no, n in any case; anything else is unknown (null). -#}
{% macro parse_boolean(text) -%}
    case
        when lower({{ text }}) in ('true', '1', 'yes', 'y') then true
        when lower({{ text }}) in ('false', '0', 'no', 'n') then false
    end
{%- endmacro %}
