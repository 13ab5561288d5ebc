-- The holding tells an added line: it goes on from where the earlier filings end, and starts where none of their lines started. Where it tells
-- nothing, the notes may speak of an omission.
with links as (

    select * from {{ ref('int_dated_amendment_links') }}

),

lines as (

    select * from {{ ref('int_dated_lines') }}

),

holdings as (

    select
        links.link_id,
        links.known_from,
        lines.line_version_id,
        lines.tells_of_an_omission,
        coalesce(bool_or(lines.shares_owned_before = amended.shares_owned_after), false) as goes_on,
        coalesce(bool_or(lines.shares_owned_before = amended.shares_owned_before), false) as starts_alike
    from links
    inner join lines on links.record_version_id = lines.record_version_id
    left join lines as amended
        on links.amended_record_version_id = amended.record_version_id
        and lines.holding_kind = amended.holding_kind
    group by links.link_id, links.known_from, lines.line_version_id, lines.tells_of_an_omission

),

told as (

    select
        *,
        bool_or(goes_on) over (partition by line_version_id order by known_from) as has_gone_on,
        bool_or(starts_alike) over (partition by line_version_id order by known_from) as has_started_alike
    from holdings

)

select
    link_id,
    line_version_id
from told
where
    not has_started_alike
    and (has_gone_on or tells_of_an_omission)
