{{ config(materialized='table') }}

with payloads as (

    select * from {{ ref('stg_sec_edgar__payloads') }}

),

elements as (

    {% for archive in sec_archives() -%}
    {%- set last_archive = loop.last -%}
    {%- for table in sec_fields(archive, 'tables')['rows'] -%}
    select
        archive,
        content_hash,
        element,
        {{ loop.index }} as table_number,
        ordinal,
        {{ "'" ~ table.kind ~ "'" if table.kind else list_item(json_texts('element', ['$.element']), 0) }} as row_kind
    from (
        {{ json_elements('payloads', 'payload', [json_path(table.path)], ['archive', 'content_hash']) }}
    ) as elements
    where archive = '{{ archive }}'
    {{ 'union all' if not (loop.last and last_archive) }}
    {% endfor -%}
    {% endfor %}

)

select
    archive,
    content_hash,
    element,
    case
        when row_kind in ('nonDerivativeTransaction', 'derivativeTransaction') then 'transaction'
        when row_kind in ('nonDerivativeHolding', 'derivativeHolding') then 'holding'
        else 'unreadable'
    end as row_type,
    coalesce(row_kind like 'derivative%', false) as is_derivative,
    cast(row_number() over (
        partition by archive, content_hash, coalesce(row_kind like '%Holding', false) order by table_number, ordinal
    ) as bigint) as row_ordinal
from elements
