-- The lines of both filings of each link, and which of the amendment's lines are added: those restate no line but an identical one.
with links as (

    select * from {{ ref('int_dated_amendment_links') }}

),

lines as (

    select * from {{ ref('int_dated_lines') }}

),

-- The holding tells an added line: it goes on from where the earlier filings end, and starts where none of their lines started.
holdings as (

    select
        links.link_id,
        links.known_from,
        lines.line_version_id,
        coalesce(bool_or(lines.shares_owned_before = amended.shares_owned_after), false) as goes_on,
        coalesce(bool_or(lines.shares_owned_before = amended.shares_owned_before), false) as starts_alike
    from links
    inner join lines on links.record_version_id = lines.record_version_id
    left join lines as amended
        on links.amended_record_version_id = amended.record_version_id
        and lines.holding_kind = amended.holding_kind
    group by links.link_id, links.known_from, lines.line_version_id

),

told as (

    select
        *,
        bool_or(goes_on) over (partition by line_version_id order by known_from) as has_gone_on,
        bool_or(starts_alike) over (partition by line_version_id order by known_from) as has_started_alike
    from holdings

)

select
    told.link_id,
    told.known_from,
    links.record_id as amending_record_id,
    'amendment' as side,
    lines.*,
    -- Where the holding tells nothing, the notes may speak of an omission.
    not told.has_started_alike and (told.has_gone_on or lines.tells_of_an_omission) as is_added
from told
inner join links on told.link_id = links.link_id
inner join lines on told.line_version_id = lines.line_version_id

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
