-- A line that an earlier amendment restated already is restated in the form that it has there, unless another line restates that.
with candidates as (

    select * from {{ ref('int_amendment_line_candidates') }}

),

matched as (

    select * from candidates
    where is_matched

),

links as (

    select * from {{ ref('int_dated_amendment_links') }}
    where not is_undecided

)

select
    later.line_version_id,
    earlier.line_version_id as amended_line_version_id,
    links.amended_place,
    min(greatest(later.known_from, earlier.known_from, links.known_from)) as known_from
from matched as later
inner join matched as earlier on later.amended_line_version_id = earlier.amended_line_version_id
inner join links
    on later.record_version_id = links.record_version_id
    and earlier.record_version_id = links.amended_record_version_id
left join candidates as own
    on later.record_version_id = own.record_version_id
    and earlier.line_version_id = own.amended_line_version_id
where own.record_version_id is null
group by later.line_version_id, earlier.line_version_id, links.amended_place
