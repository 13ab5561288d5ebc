with observations as (

    {% for source_name in feeds() -%}
    select
        '{{ source_name }}' as feed_source,
        archived.*
    from ({{ committed(source_name, 'observations', ['walk_id', 'page_number', 'position']) }}) as archived
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    feed_source as source,
    {{ clean_text('record_id') }} as record_id,
    content_hash,
    walk_id,
    page_number,
    position,
    {{ utc_timestamp('observed_at') }} as observed_at,
    true as is_leading
from observations
