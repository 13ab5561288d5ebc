{#- Text as the mapping seeds compare it: lower case, with one blank for every run of punctuation and spaces. -#}
{% macro normalize_text(text) -%}
    trim({{ replace_pattern(lower_text(text), '[ \t\r\n\u00a0\u202f.()":\u2019\u2014\u2013\'\'-]+', ' ') }})
{%- endmacro %}

{#- A person's name as it is compared where a feed gives no id: lower case, punctuation and spaces as one blank; empty is null. -#}
{% macro normalize_name(name) -%}
    nullif(trim({{ replace_pattern(lower_text(name), '[ \t\r\n\u00a0\u202f.,;"\u2019\'\'-]+', ' ') }}), '')
{%- endmacro %}

{#- Who an insider is where a feed may give no id: the id, or else the normalized name, marked as one. -#}
{% macro insider_key(insider_id, normalized_name) -%}
    coalesce({{ insider_id }}, 'name:' || {{ normalized_name }})
{%- endmacro %}

{#- One hash of several columns. Each value bears its length, so that no two rows can run together; null and text are told apart. -#}
{% macro fingerprint(columns) -%}
    md5(concat(
        {%- for column in columns %}
        {%- set text = 'cast(' ~ column ~ ' as string)' %}
        coalesce(length({{ text }}) || ':' || {{ text }}, '-'){{ ", '|'," if not loop.last }}
        {%- endfor %}
    ))
{%- endmacro %}

{#-
    Aggregate: one text that stands for a set of fingerprints, in whatever order they come. A sum of their first 60 bits: an ordered list would
    be held in memory for every group at once.
-#}
{% macro fingerprint_of_set(fingerprints) -%}
    cast(sum(cast({{ hexadecimal_number('substring(' ~ fingerprints ~ ', 1, 15)') }} as decimal(38, 0))) as string)
{%- endmacro %}

{#-
    A local date and a UTC timestamp as one text that sorts by the date, then by the timestamp: on which day something is known is what
    decides, and markets end their days at different times.
-#}
{% macro moment(date, timestamp) -%}
    cast({{ date }} as string) || '|' || cast({{ timestamp }} as string)
{%- endmacro %}

{#- The date of a `moment`. -#}
{% macro moment_date(moment) -%}
    cast(split_part({{ moment }}, '|', 1) as date)
{%- endmacro %}

{#- The UTC timestamp of a `moment`. -#}
{% macro moment_timestamp(moment) -%}
    cast(split_part({{ moment }}, '|', 2) as timestamp)
{%- endmacro %}
