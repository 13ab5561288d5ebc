with matched as (

    select * from {{ ref('int_restated_lines') }}
    union all
    select * from {{ ref('int_corrected_lines') }}

),

links as (

    select * from {{ ref('int_dated_amendment_links') }}

)

select
    links.record_version_id,
    amendments.line_version_id,
    amended.line_version_id as amended_line_version_id,
    links.amended_place,
    links.known_from,
    split_part(amendments.match_id, ':', 1) = 'matched' and not links.is_undecided as is_matched
from matched as amendments
inner join matched as amended
    on amendments.match_id = amended.match_id
    and amendments.side = 'amendment'
    and amended.side = 'amended'
inner join links on amendments.link_id = links.link_id
