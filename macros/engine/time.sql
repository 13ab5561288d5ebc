{#- The type of a moment that bears its offset from UTC. (The types that have one name on every engine are written as they are: `string`, `timestamp`, `bigint` …) -#}
{% macro zoned_timestamp_type() -%}
    {{ return(adapter.dispatch('zoned_timestamp_type', 'insider_filings')()) }}
{%- endmacro %}

{% macro default__zoned_timestamp_type() -%}
    {{ return('timestamp with time zone') }}
{%- endmacro %}

{#- In the session of the profile `timestamp` has no zone, as in DuckDB (`spark.sql.timestampType`). -#}
{% macro spark__zoned_timestamp_type() -%}
    {{ return('timestamp_ltz') }}
{%- endmacro %}

{#-
    The UTC timestamp of the local timestamp `moment` in the time zone `zone` (an IANA name, may be a column). Of an hour that is there twice, as
    the clocks go back, the later one.
-#}
{% macro to_utc(moment, zone) -%}
    {{ return(adapter.dispatch('to_utc', 'insider_filings')(moment, zone)) }}
{%- endmacro %}

{% macro default__to_utc(moment, zone) -%}
    timezone('UTC', timezone({{ zone }}, {{ moment }}))
{%- endmacro %}

{% macro spark__to_utc(moment, zone) -%}
    {%- set first = "convert_timezone(" ~ zone ~ ", 'UTC', " ~ moment ~ ")" -%}
    case
        when convert_timezone('UTC', {{ zone }}, {{ first }} + interval '1' hour) = {{ moment }} then {{ first }} + interval '1' hour
        else {{ first }}
    end
{%- endmacro %}

{#- The local timestamp in the time zone `zone` of the UTC timestamp `moment`. -#}
{% macro from_utc(moment, zone) -%}
    {{ return(adapter.dispatch('from_utc', 'insider_filings')(moment, zone)) }}
{%- endmacro %}

{% macro default__from_utc(moment, zone) -%}
    timezone({{ zone }}, timezone('UTC', {{ moment }}))
{%- endmacro %}

{% macro spark__from_utc(moment, zone) -%}
    convert_timezone('UTC', {{ zone }}, {{ moment }})
{%- endmacro %}

{#- The timestamp `date` + `time_of_day` (text HH:MM:SS), without a zone. -#}
{% macro at_time(date, time_of_day) -%}
    {{ return(adapter.dispatch('at_time', 'insider_filings')(date, time_of_day)) }}
{%- endmacro %}

{% macro default__at_time(date, time_of_day) -%}
    cast({{ date }} as timestamp) + cast({{ time_of_day }} as interval)
{%- endmacro %}

{% macro spark__at_time(date, time_of_day) -%}
    cast(cast({{ date }} as string) || ' ' || {{ time_of_day }} as timestamp)
{%- endmacro %}

{#- A timestamp with a zone as a plain timestamp in UTC. -#}
{% macro utc_timestamp(moment) -%}
    {{ return(adapter.dispatch('utc_timestamp', 'insider_filings')(moment)) }}
{%- endmacro %}

{% macro default__utc_timestamp(moment) -%}
    timezone('UTC', {{ moment }})
{%- endmacro %}

{% macro spark__utc_timestamp(moment) -%}
    cast({{ moment }} as timestamp)
{%- endmacro %}

{#- The UTC timestamp that lies `seconds` (a number, fractions allowed) after 1970. -#}
{% macro epoch_timestamp(seconds) -%}
    {{ return(adapter.dispatch('epoch_timestamp', 'insider_filings')(seconds)) }}
{%- endmacro %}

{% macro default__epoch_timestamp(seconds) -%}
    make_timestamp(cast(round({{ seconds }} * 1000000) as bigint))
{%- endmacro %}

{% macro spark__epoch_timestamp(seconds) -%}
    cast(timestamp_micros(cast(round({{ seconds }} * 1000000) as bigint)) as timestamp)
{%- endmacro %}

{#- `text` as a date by the strptime `form`, null where it does not fit. -#}
{% macro date_by_form(text, form) -%}
    {{ return(adapter.dispatch('date_by_form', 'insider_filings')(text, form)) }}
{%- endmacro %}

{% macro default__date_by_form(text, form) -%}
    cast(try_strptime({{ text }}, '{{ form }}') as date)
{%- endmacro %}

{% macro spark__date_by_form(text, form) -%}
    {%- set java_form = form | replace('%d', 'd') | replace('%b', 'MMM') | replace('%m', 'M') | replace('%Y', 'yyyy') -%}
    try_to_date({{ text }}, '{{ java_form }}')
{%- endmacro %}

{#- Day of the week of `date`: 1 Monday to 7 Sunday. -#}
{% macro weekday(date) -%}
    {{ return(adapter.dispatch('weekday', 'insider_filings')(date)) }}
{%- endmacro %}

{% macro default__weekday(date) -%}
    isodow({{ date }})
{%- endmacro %}

{% macro spark__weekday(date) -%}
    (weekday({{ date }}) + 1)
{%- endmacro %}

{#- A relation of one column `date_day`: every day from `start_date` to `end_date` (ISO texts), both included. -#}
{% macro days_between(start_date, end_date) -%}
    {{ return(adapter.dispatch('days_between', 'insider_filings')(start_date, end_date)) }}
{%- endmacro %}

{% macro default__days_between(start_date, end_date) -%}
    select cast(unnest(generate_series(date '{{ start_date }}', date '{{ end_date }}', interval 1 day)) as date) as date_day
{%- endmacro %}

{% macro spark__days_between(start_date, end_date) -%}
    select explode(sequence(date '{{ start_date }}', date '{{ end_date }}')) as date_day
{%- endmacro %}

{#- The number of days from the date `first` to the date `last`. -#}
{% macro days_from(first, last) -%}
    {{ return(adapter.dispatch('days_from', 'insider_filings')(first, last)) }}
{%- endmacro %}

{% macro default__days_from(first, last) -%}
    date_diff('day', {{ first }}, {{ last }})
{%- endmacro %}

{% macro spark__days_from(first, last) -%}
    cast(datediff({{ last }}, {{ first }}) as bigint)
{%- endmacro %}

{#- The number of the period of `length` days in which `date` lies; periods follow each other without a gap. -#}
{% macro period_of(date, length) -%}
    cast(floor({{ days_from("date '1970-01-01'", date) }} / {{ length }}.0) as integer)
{%- endmacro %}
