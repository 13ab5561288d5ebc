{#- Decimals and doubles into each other, and products of decimals: to the last digit the same on every engine, however large the amounts. -#}

{#- The decimal `number`, of more than 18 digits, `digits` of them behind the point, as a double. -#}
{% macro as_double(number, digits=6) -%}
    {{ return(adapter.dispatch('as_double', 'insider_filings')(number, digits)) }}
{%- endmacro %}

{% macro default__as_double(number, digits) -%}
    cast({{ number }} as double)
{%- endmacro %}

{#- DuckDB adds what is before and behind the point where a double cannot hold all digits. -#}
{% macro spark__as_double(number, digits) -%}
    case
        when abs({{ number }}) <= {{ 9007199254740992 / 10 ** digits }} then cast({{ number }} as double)
        else sign({{ number }}) * (cast(floor(abs({{ number }})) as double) + cast(abs({{ number }}) - floor(abs({{ number }})) as double))
    end
{%- endmacro %}

{#- The double `number` as decimal(precision, 6), null where it has more digits; halves are rounded away from zero. -#}
{% macro decimal_of_double(number, precision) -%}
    {{ return(adapter.dispatch('decimal_of_double', 'insider_filings')(number, precision)) }}
{%- endmacro %}

{% macro default__decimal_of_double(number, precision) -%}
    try_cast({{ number }} as decimal({{ precision }}, 6))
{%- endmacro %}

{#-
    Spark's own cast goes by the shortest text of the double. DuckDB rounds the millionfold and takes that double digit by digit: so here, in
    two halves that whole numbers can hold.
-#}
{% macro spark__decimal_of_double(number, precision) -%}
    {%- set millionths = 'round(' ~ number ~ ' * 1e6, 0)' -%}
    {%- set upper = 'floor(' ~ millionths ~ ' / 4294967296e0)' -%}
    case
        when abs({{ number }}) < 1e{{ precision - 6 }}
            then try_cast(
                (
                    cast(cast({{ upper }} as bigint) as decimal(19, 0)) * 4294967296
                    + cast({{ millionths }} - {{ upper }} * 4294967296e0 as bigint)
                ) * 0.000001 as decimal({{ precision }}, 6)
            )
    end
{%- endmacro %}

{#- The product of a decimal(20, 6) and a decimal(18, 6), rounded once to decimal(28, 6); null where it has more digits. -#}
{% macro rounded_product(left_factor, right_factor) -%}
    {{ return(adapter.dispatch('rounded_product', 'insider_filings')(left_factor, right_factor)) }}
{%- endmacro %}

{% macro default__rounded_product(left_factor, right_factor) -%}
    try_cast({{ left_factor }} * {{ right_factor }} as decimal(28, 6))
{%- endmacro %}

{#- Spark reckons one digit more than such a product can have, and takes it from those behind the point. -#}
{% macro spark__rounded_product(left_factor, right_factor) -%}
    case
        when abs({{ left_factor }}) < 10000000000000
            then try_cast(cast({{ left_factor }} as decimal(19, 6)) * {{ right_factor }} as decimal(28, 6))
        else try_cast({{ left_factor }} * {{ right_factor }} as decimal(28, 6))
    end
{%- endmacro %}

{#-
    The product of a decimal(20, 6) and a decimal(18, 6) to its last digit, decimal(38, 12): sums of it are the same in whatever order.
    Null from 1e22 on, where `rounded_product` ends too, so that no sum of them runs over.
-#}
{% macro exact_product(left_factor, right_factor) -%}
    {{ return(adapter.dispatch('exact_product', 'insider_filings')(left_factor, right_factor)) }}
{%- endmacro %}

{% macro default__exact_product(left_factor, right_factor) -%}
    case when abs(cast({{ left_factor }} as double) * cast({{ right_factor }} as double)) < 1e22 then {{ left_factor }} * {{ right_factor }} end
{%- endmacro %}

{#- Each half of a number of twenty digits has a product that Spark can hold. -#}
{% macro spark__exact_product(left_factor, right_factor) -%}
    case
        when abs(cast({{ left_factor }} as double) * cast({{ right_factor }} as double)) < 1e22
            then cast(
                cast(cast(cast({{ left_factor }} as bigint) as decimal(14, 0)) * {{ right_factor }} as decimal(36, 12))
                + cast({{ left_factor }} - cast({{ left_factor }} as bigint) as decimal(6, 6)) * {{ right_factor }} as decimal(38, 12)
            )
    end
{%- endmacro %}

{#- The number that a text of at most 15 hexadecimal digits writes. -#}
{% macro hexadecimal_number(text) -%}
    {{ return(adapter.dispatch('hexadecimal_number', 'insider_filings')(text)) }}
{%- endmacro %}

{% macro default__hexadecimal_number(text) -%}
    cast('0x' || {{ text }} as bigint)
{%- endmacro %}

{% macro spark__hexadecimal_number(text) -%}
    cast(conv({{ text }}, 16, 10) as bigint)
{%- endmacro %}

{#- A whole number as text, with commas between groups of three digits. -#}
{% macro grouped_number(number) -%}
    {{ return(adapter.dispatch('grouped_number', 'insider_filings')(number)) }}
{%- endmacro %}

{% macro default__grouped_number(number) -%}
    format('{:,}', {{ number }})
{%- endmacro %}

{% macro spark__grouped_number(number) -%}
    format_number({{ number }}, 0)
{%- endmacro %}
