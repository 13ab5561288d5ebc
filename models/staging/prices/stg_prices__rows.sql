{{ config(materialized='table') }}

{%- set texts = ['ticker', 'issuer_id', 'source', 'market'] -%}
{%- set least = {'close': '> 0', 'open': '>= 0', 'adjusted_close': '> 0', 'volume': '>= 0', 'split_ratio': '> 0', 'delisting_return': '>= -1'} -%}
{%- set names = texts + (least | list) -%}
{%- set fields = dict(zip(names, names)) -%}
{%- set number = "'^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$'" %}

with observations as (

    {{ committed('prices', 'observations', ['walk_id', 'page_number', 'position']) }}

),

read as (

    select
        *,
        {{ json_field_texts('payload', fields) }} as texts
    from observations

),

fields as (

    select
        record_id,
        walk_id,
        content_hash,
        payload,
        observed_at,
        _dlt_load_id,
        {{ json_field_columns(fields) }}
    from read

),

checked as (

    select
        *,
        case
            when close is null then 'missing_close'
            {% for name, condition in least.items() -%}
            when {{ name }} is not null
                and not coalesce({{ matches_pattern(name, number) }} and try_cast({{ name }} as double) {{ condition }}, false)
                then 'unusable_{{ name }}'
            {% endfor %}
        end as unusable_reason
    from fields

),

-- Rows that a file gives for one price contradict each other, unless one alone can be used: none of them is a better guess.
judged as (

    select
        *,
        coalesce(unusable_reason, case
            when
                min(case when unusable_reason is null then content_hash end) over (partition by record_id, walk_id)
                <> max(case when unusable_reason is null then content_hash end) over (partition by record_id, walk_id)
                then 'contradicted_in_file'
        end) as reason
    from checked

)

-- An id is the session's date and what tells the series apart: `2026-03-02:US:ticker::EXM`.
select
    record_id,
    content_hash,
    _dlt_load_id as load_id,
    reason,
    case when reason is not null then payload end as payload,
    substring(record_id, 12) as series,
    case when issuer_id is null then 'ticker' else 'issuer_id' end as symbol_kind,
    coalesce(issuer_id, upper(ticker)) as symbol,
    case when issuer_id is not null then source end as source,
    upper(market) as market,
    try_cast(substring(record_id, 1, 10) as date) as session_date,
    {% for name in least -%}
    case when reason is null then try_cast({{ name }} as double) end as {{ name }},
    {% endfor -%}
    {{ utc_timestamp('observed_at') }} as observed_at
from judged
