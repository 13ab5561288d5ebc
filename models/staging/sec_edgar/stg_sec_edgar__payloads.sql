{{ config(materialized='table') }}

with observations as (

    {% for archive in sec_archives() -%}
    select * from ({{ committed_loads(archive, 'observations') }}) as archived
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    source as archive,
    content_hash,
    record_id,
    payload
from observations
-- Not an aggregate: its state would hold every payload in memory.
qualify row_number() over (partition by source, content_hash order by _dlt_load_id, walk_id, page_number, position) = 1
