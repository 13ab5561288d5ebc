{{ config(materialized=kept()) }}

with observations as (

    {% for archive in filing_archives('sec_edgar') -%}
    select
        source as archive,
        content_hash,
        record_id,
        payload,
        source || ':' || _dlt_load_id as load_id
    from ({{ committed_loads(archive, 'observations') }}) as archived
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

payloads as (

    select
        archive,
        content_hash,
        min(load_id) as load_id,
        any_value(record_id) as record_id,
        any_value(payload) as payload
    from observations
    where {{ of_new_loads('observations.load_id') }}
    group by archive, content_hash

)

select
    archive,
    content_hash,
    load_id,
    record_id,
    payload
from payloads
{%- if adds_rows() %}
where archive || ':' || content_hash not in (select known.archive || ':' || known.content_hash from {{ this }} as known)
{%- endif %}
