{{ config(materialized='table') }}

{%- set names = ['ticker', 'issuer_id', 'source', 'market', 'open', 'close', 'adjusted_close', 'volume', 'split_ratio', 'delisting_return'] -%}
{%- set fields = dict(zip(names, names)) %}

with observations as (

    {{ committed('prices', 'observations', ['walk_id', 'page_number', 'position']) }}

),

latest as (

    -- What the file said last. The ids of loads follow each other even where the clock is set.
    select
        record_id,
        payload,
        observed_at
    from observations
    qualify row_number() over (partition by record_id order by observed_at desc, _dlt_load_id desc, page_number desc, position desc) = 1

),

read as (

    select
        record_id,
        observed_at,
        {{ json_texts('payload', json_field_paths(fields)) }} as texts
    from latest

),

fields as (

    select
        record_id,
        observed_at,
        {{ json_field_columns(fields) }}
    from read

)

-- An id is the session's date and what tells the series apart: `2026-03-02:US:ticker::EXM`.
select
    record_id,
    substring(record_id, 12) as series,
    case when issuer_id is null then 'ticker' else 'issuer_id' end as symbol_kind,
    coalesce(issuer_id, upper(ticker)) as symbol,
    case when issuer_id is not null then source end as source,
    upper(market) as market,
    try_cast(substring(record_id, 1, 10) as date) as session_date,
    -- Some files have 0 where there was no opening price.
    nullif(try_cast(open as double), 0) as open,
    try_cast(close as double) as close,
    try_cast(adjusted_close as double) as given_adjusted_close,
    try_cast(volume as double) as volume,
    coalesce(try_cast(split_ratio as double), 1) as split_ratio,
    try_cast(delisting_return as double) as delisting_return,
    {{ utc_timestamp('observed_at') }} as first_seen_at
from fields
