{{ config(materialized='table') }}

-- Each feed is read by its own field paths.
{% for source_name in feeds() %}
{%- set field_paths = feed_field_paths(source_name) %}
{%- set fields = feed_fields(field_paths, 'line') %}
{%- set timestamp_zone = feed_setting(field_paths, 'timestamp_zone') %}
{#- And the country of the record, whose market says on which day an instant lies. -#}
{%- set located_fields = dict(fields, country=feed_fields(field_paths, 'record')['country']) %}
{%- set countries = json_field_items(located_fields, 'coalesce(record_texts, texts)', of_feed=true)['country'] %}

select
    '{{ source_name }}' as source,
    staged.*
from (
    with nested as (

        select
            content_hash,
            payload,
            {{ json_field_texts('payload', located_fields) }} as record_texts
        from {{ ref('stg_filings_api__payloads') }}
        where
            source = '{{ source_name }}'
            and is_nested

    ),

    elements as (

        {{ json_elements('nested', 'payload', feed_list_paths(field_paths, 'lines'), ['content_hash', 'record_texts', 'payload']) }}

        union all

        -- A flat record is its one line.
        select
            content_hash,
            null as record_texts,
            payload,
            payload as element,
            cast(1 as bigint) as ordinal
        from {{ ref('stg_filings_api__payloads') }}
        where
            source = '{{ source_name }}'
            and not is_nested

    ),

    read as (

        select
            content_hash,
            ordinal as line_ordinal,
            {{ json_is_object('element') }} as is_readable,
            {{ json_field_texts('element', located_fields) }} as texts,
            record_texts,
            payload,
            element
        from elements

    ),

    fields as (

        select
            content_hash,
            line_ordinal,
            is_readable,
            payload,
            element,
            upper({{ feed_default('coalesce(' ~ (countries + ['null']) | join(', ') ~ ')', field_paths, 'default_country') }}) as market,
            {{ json_field_columns(fields, fallback_fields=fields, of_feed=true) }}
        from read

    ),

    typed as (

        select
            *,
            {{ feed_is_number(fields, 'shares') }} as shares_is_number,
            {{ feed_is_number(fields, 'price') }} as price_is_number,
            {{ feed_is_number(fields, 'value') }} as value_is_number
        from fields

    ),

    spelled as (

        select
            *,
            {{ feed_decimal_separator(field_paths, fields) }} as decimal_separator,
            {{ time_text('transaction_date') }} as transaction_date_text
        from typed

    ),

    -- An instant is asked for more than once, and read once.
    dated as (

        select
            spelled.*,
            markets.day_zone,
            {{ parse_instant('spelled.transaction_date_text', 'markets.time_zone', timestamp_zone) }} as transaction_instant
        from spelled
        left join {{ ref('markets') }} as own_market on spelled.market = own_market.market
        inner join {{ ref('markets') }} as markets on coalesce(own_market.market, 'unknown') = markets.market

    )

    select
        dated.content_hash,
        dated.line_ordinal,
        case when not dated.is_readable then 'line_not_an_object' end as unreadable_reason,
        coalesce(try_cast(dated.line_number as bigint), dated.line_ordinal) as line_number,
        {% for name in ['line_number', 'transaction_type', 'acquired_disposed', 'ownership_nature', 'security_type', 'transaction_date'] -%}
        dated.{{ name }} as raw_{{ name }},
        {% endfor -%}
        {{ feed_default('dated.currency', field_paths, 'default_currency') }} as raw_currency,
        dated.footnotes,
        cast(null as string) as ownership_notes,
        cast(null as string) as remarks,
        false as is_equity_swap,
        {{ parse_day('dated.transaction_date_text', 'dated.transaction_instant', 'dated.day_zone', false, timestamp_zone) }} as transaction_date,
        {% for name, digits in {'shares': 20, 'price': 18, 'value': 28}.items() -%}
        dated.{{ name }} as raw_{{ name }},
        {{ parse_decimal('dated.' ~ name, digits, separator=feed_number_separator(name, 'dated.decimal_separator', 'dated.')) }} as {{ name }},
        {% endfor -%}
        cast(null as decimal(20, 6)) as shares_owned_after,
        {{ parse_boolean('dated.is_derivative') }} as is_derivative,
        {{ parse_boolean('dated.is_10b5_1') }} as is_planned,
        {{ parse_boolean('dated.linked_to_share_programme') }} as is_linked_to_share_programme,
        {{ unreadable_flags({
            'is_derivative': 'dated.is_derivative', 'is_10b5_1': 'dated.is_10b5_1', 'linked_to_share_programme': 'dated.linked_to_share_programme'
        }) }} as unreadable_flags
    from dated
) as staged
{{ 'union all' if not loop.last }}
{% endfor %}
