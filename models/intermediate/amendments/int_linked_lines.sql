with links as (

    select * from {{ ref('int_dated_amendment_links') }}

),

lines as (

    select * from {{ ref('int_dated_lines') }}

),

added as (

    select * from {{ ref('int_added_lines') }}

)

select
    links.link_id,
    links.known_from,
    links.record_id as amending_record_id,
    'amendment' as side,
    lines.*,
    added.link_id is not null as is_added
from links
inner join lines on links.record_version_id = lines.record_version_id
left join added
    on links.link_id = added.link_id
    and lines.line_version_id = added.line_version_id

union all

select
    links.link_id,
    links.known_from,
    links.record_id as amending_record_id,
    'amended' as side,
    lines.*,
    false as is_added
from links
inner join lines on links.amended_record_version_id = lines.record_version_id
