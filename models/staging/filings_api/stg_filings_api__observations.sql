with observations as (

    {{ committed('filings_api', 'observations', ['walk_id', 'page_number', 'position']) }}

)

select
    {{ clean_text('record_id') }} as record_id,
    content_hash,
    walk_id,
    page_number,
    position,
    {{ utc_timestamp('observed_at') }} as observed_at,
    true as is_leading
from observations
