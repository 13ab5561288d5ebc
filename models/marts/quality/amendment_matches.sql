with as_of as (

    select * from {{ ref('int_as_of') }}

),

amendments as (

    select
        filings.*,
        as_of.as_of_date
    from {{ ref('int_dated_filings') }} as filings
    inner join {{ ref('int_current_filings') }} as current_filings
        on filings.source = current_filings.source
        and filings.record_id = current_filings.record_id
        and filings.version_number = current_filings.version_number
    cross join as_of
    where filings.is_amendment

),

links as (

    select
        links.source,
        links.record_id,
        links.version_number,
        links.link_basis,
        min(links.known_from) as known_from,
        count(distinct links.amended_record_id) as amended_filings
    from {{ ref('int_dated_amendment_links') }} as links
    cross join as_of
    where {{ moment_date('links.known_from') }} <= as_of.as_of_date
    group by links.source, links.record_id, links.version_number, links.link_basis

),

lines as (

    select
        source,
        record_id,
        version_number,
        line_ordinal
    from {{ ref('int_line_versions') }}

),

-- Each line of an amendment with the line that it takes the place of, or that it gives way to.
supersessions as (

    select supersessions.*
    from {{ ref('int_line_supersessions') }} as supersessions
    cross join as_of
    where {{ moment_date('supersessions.known_from') }} <= as_of.as_of_date

),

matches as (

    select
        source,
        superseding_record_id as record_id,
        superseding_version_number as version_number,
        superseding_line_ordinal as line_ordinal,
        record_id as amended_record_id,
        line_ordinal as amended_line_ordinal,
        match_status,
        known_from
    from supersessions
    where match_status = 'matched'

    union all

    select
        source,
        record_id,
        version_number,
        line_ordinal,
        superseding_record_id as amended_record_id,
        superseding_line_ordinal as amended_line_ordinal,
        match_status,
        known_from
    from supersessions
    where match_status = 'ambiguous'

)

select
    amendments.as_of_date,
    amendments.source,
    amendments.filing_id,
    amendments.form_type,
    amendments.issuer_id,
    amendments.original_date,
    amendments.available_date,
    {{ moment_date('coalesce(matches.known_from, links.known_from)') }} as known_date,
    links.link_basis,
    coalesce(links.amended_filings, 0) as amended_filings,
    lines.source || ':' || lines.record_id || ':' || lines.line_ordinal as transaction_id,
    matches.source || ':' || matches.amended_record_id || ':' || matches.amended_line_ordinal as amended_transaction_id,
    case
        when links.record_id is null then 'unlinked'
        when lines.record_id is null then 'no_transactions'
        else coalesce(matches.match_status, 'added')
    end as match_status
from amendments
left join links
    on amendments.source = links.source
    and amendments.record_id = links.record_id
    and amendments.version_number = links.version_number
left join lines
    on amendments.source = lines.source
    and amendments.record_id = lines.record_id
    and amendments.version_number = lines.version_number
left join matches
    on lines.source = matches.source
    and lines.record_id = matches.record_id
    and lines.version_number = matches.version_number
    and lines.line_ordinal = matches.line_ordinal
