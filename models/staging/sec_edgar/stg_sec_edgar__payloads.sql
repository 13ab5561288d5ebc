{{ config(materialized=kept()) }}

with observations as (

    {% for archive in filing_archives('sec_edgar') -%}
    select
        source as archive,
        content_hash,
        record_id,
        payload,
        source || ':' || _dlt_load_id as load_id,
        walk_id,
        page_number,
        position
    from ({{ committed_loads(archive, 'observations') }}) as archived
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- Not an aggregate: its state would hold every payload in memory.
payloads as (

    select *
    from observations
    where {{ of_new_loads('observations.load_id') }}
    qualify row_number() over (partition by archive, content_hash order by load_id, walk_id, page_number, position) = 1

)

select
    archive,
    content_hash,
    load_id,
    record_id,
    payload
from payloads
{%- if adds_rows() %}
where not exists (
    select 1
    from {{ this }} as known
    where
        payloads.archive = known.archive
        and payloads.content_hash = known.content_hash
)
{%- endif %}
