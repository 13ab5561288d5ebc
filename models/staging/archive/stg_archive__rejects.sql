{{ config(materialized='table') }}

{%- set keys = ['walk_id', 'page_number', 'position'] -%}

with rejects as (

    {% for source_name in all_archives() -%}
    select * from ({{ committed(source_name, 'rejects', keys) }})
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    source,
    window_start,
    payload,
    content_hash,
    reason,
    {{ utc_timestamp('observed_at') }} as observed_at
from rejects

union all

-- Rows that the loader archived and staging does not take for prices.
select
    'prices' as source,
    session_date as window_start,
    payload,
    content_hash,
    reason,
    observed_at
from {{ ref('stg_prices__rows') }}
where reason is not null
