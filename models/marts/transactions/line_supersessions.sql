with amendments as (

    select * from {{ ref('int_line_supersessions') }}

),

lines as (

    select * from {{ ref('int_transaction_versions') }}

),

filings as (

    select * from {{ ref('int_filing_versions') }}
    where next_version_from is not null

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

superseded as (

    select
        source,
        record_id,
        version_number,
        line_ordinal,
        case when match_status = 'named' then 'amendment' else 'dated_amendment' end as supersession_kind,
        superseding_record_id,
        superseding_version_number,
        superseding_line_ordinal,
        known_from
    from amendments

    union all

    select
        lines.source,
        lines.record_id,
        lines.version_number,
        lines.line_ordinal,
        'new_version' as supersession_kind,
        filings.record_id as superseding_record_id,
        filings.version_number + 1 as superseding_version_number,
        lines.line_ordinal as superseding_line_ordinal,
        filings.next_version_from as known_from
    from lines
    inner join filings
        on {{ same_record_version('lines', 'filings') }}

),

dated as (

    select
        source,
        source || ':' || record_id || ':' || line_ordinal as transaction_id,
        version_number,
        supersession_kind,
        superseding_record_id,
        superseding_version_number,
        source || ':' || superseding_record_id || ':' || superseding_line_ordinal as superseding_transaction_id,
        {{ moment_date('min(known_from)') }} as known_date
    from superseded
    group by
        source, record_id, line_ordinal, version_number,
        supersession_kind, superseding_record_id, superseding_version_number, superseding_line_ordinal

)

select
    as_of.as_of_date,
    dated.source,
    dated.transaction_id,
    dated.version_number,
    dated.supersession_kind,
    dated.superseding_record_id,
    dated.superseding_version_number,
    dated.superseding_transaction_id,
    dated.known_date
from dated
inner join as_of on dated.known_date <= as_of.as_of_date
