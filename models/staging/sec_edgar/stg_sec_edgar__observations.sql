-- Both routes by which the SEC's filings come: one by one from EDGAR, and by quarters in the data sets.
{%- set keys = ['walk_id', 'page_number', 'position'] %}

with observations as (

    {% for archive in sec_archives() -%}
    select * from ({{ committed(archive, 'observations', keys) }})
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    record_id,
    content_hash,
    walk_id,
    page_number,
    position,
    {{ utc_timestamp('observed_at') }} as observed_at,
    -- EDGAR's own decide what a filing says, where there are any, for they bear the time of acceptance.
    source = 'sec_edgar' or not bool_or(source = 'sec_edgar') over (partition by record_id) as is_leading
from observations
