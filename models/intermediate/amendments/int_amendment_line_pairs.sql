-- The lines of a dated amendment and of each filing that it amends, side by side, before it is told which of them restate which.
with links as (

    select * from {{ ref('int_dated_amendment_links') }}

),

lines as (

    select * from {{ ref('int_dated_lines') }}

),

-- The holding tells an added line: it goes on from where the earlier filings end, and starts where none of their lines started.
holdings as (

    select
        links.source,
        links.record_id,
        links.version_number,
        links.amended_record_id,
        links.amended_version_number,
        links.known_from,
        lines.line_ordinal,
        coalesce(bool_or(lines.shares_owned_before = amended.shares_owned_after), false) as goes_on,
        coalesce(bool_or(lines.shares_owned_before = amended.shares_owned_before), false) as starts_alike
    from links
    inner join lines
        on links.source = lines.source
        and links.record_id = lines.record_id
        and links.version_number = lines.version_number
    left join lines as amended
        on links.source = amended.source
        and links.amended_record_id = amended.record_id
        and links.amended_version_number = amended.version_number
        and lines.holding_kind = amended.holding_kind
    group by
        links.source, links.record_id, links.version_number, links.amended_record_id, links.amended_version_number, links.known_from,
        lines.line_ordinal

),

told as (

    select
        *,
        bool_or(goes_on) over (partition by source, record_id, version_number, line_ordinal order by known_from) as has_gone_on,
        bool_or(starts_alike) over (partition by source, record_id, version_number, line_ordinal order by known_from) as has_started_alike
    from holdings

)

select
    links.source,
    links.record_id,
    links.version_number,
    links.amended_record_id,
    links.amended_version_number,
    links.known_from,
    links.amended_place,
    links.is_undecided,
    'amendment' as side,
    {{ dated_line_columns('lines') }},
    not told.has_started_alike and (told.has_gone_on or lines.tells_of_an_omission) as is_added
from links
inner join lines
    on links.source = lines.source
    and links.record_id = lines.record_id
    and links.version_number = lines.version_number
inner join told
    on links.source = told.source
    and links.record_id = told.record_id
    and links.version_number = told.version_number
    and links.amended_record_id = told.amended_record_id
    and links.amended_version_number = told.amended_version_number
    and lines.line_ordinal = told.line_ordinal

union all

select
    links.source,
    links.record_id,
    links.version_number,
    links.amended_record_id,
    links.amended_version_number,
    links.known_from,
    links.amended_place,
    links.is_undecided,
    'amended' as side,
    {{ dated_line_columns('lines') }},
    false as is_added
from links
inner join lines
    on links.source = lines.source
    and links.amended_record_id = lines.record_id
    and links.amended_version_number = lines.version_number
