{{ config(materialized='table') }}

{%- set keys = ['walk_id', 'page_number', 'position'] -%}

with archived as (

    {% for source_name in all_archives() -%}
    select
        source,
        walk_id,
        'observation' as kind
    from ({{ committed(source_name, 'observations', keys) }})
    union all
    select
        source,
        walk_id,
        'reject' as kind
    from ({{ committed(source_name, 'rejects', keys) }})
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    source,
    walk_id,
    cast(sum(case when kind = 'observation' then 1 else 0 end) as bigint) as archived_records,
    cast(sum(case when kind = 'reject' then 1 else 0 end) as bigint) as set_aside_records
from archived
group by source, walk_id
