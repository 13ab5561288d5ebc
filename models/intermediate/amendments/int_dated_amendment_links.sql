with recursive filings as (

    select * from {{ ref('int_dated_filings') }}

),

amendments as (

    select * from filings
    where is_amendment

),

owners as (

    select distinct
        source,
        record_id,
        version_number,
        {{ insider_key('insider_id', 'normalized_name') }} as insider_key
    from {{ ref('int_filing_owners') }}

),

-- An amendment bears the date of the original, or of the amendment before it; those that bear one date amend one thing.
pairs as (

    select
        amendments.source,
        amendments.record_id,
        amendments.version_number,
        amended.record_id as amended_record_id,
        amended.version_number as amended_version_number,
        amended.is_amendment as is_amended_amendment,
        greatest(amendments.available_from, amended.available_from) as known_from
    from amendments
    inner join filings as amended
        on amendments.source = amended.source
        and amendments.issuer_id = amended.issuer_id
        and amendments.form_family = amended.form_family
        and amendments.record_id <> amended.record_id
        -- The data sets give no time of day: what an amendment says is the day of its original may well be its own.
        and case
            when amended.is_amendment then amendments.place > amended.place
            else
                amendments.filing_date >= amended.filing_date
                and coalesce(amendments.accepted_at > amended.accepted_at, true)
        end
        and (
            amendments.original_date = amended.filing_date
            or (amended.is_amendment and amendments.original_date = amended.original_date)
        )

),

links as (

    select distinct pairs.*
    from pairs
    inner join owners
        on pairs.source = owners.source
        and pairs.record_id = owners.record_id
        and pairs.version_number = owners.version_number
    inner join owners as amended_owners
        on pairs.source = amended_owners.source
        and pairs.amended_record_id = amended_owners.record_id
        and pairs.amended_version_number = amended_owners.version_number
        and owners.insider_key = amended_owners.insider_key

),

reached as (

    select * from links

    union all

    -- Whatever is linked directly is known as soon as by any way round; without this, many amendments of one thing have too many ways.
    select
        reached.source,
        reached.record_id,
        reached.version_number,
        links.amended_record_id,
        links.amended_version_number,
        links.is_amended_amendment,
        greatest(reached.known_from, links.known_from) as known_from
    from reached
    inner join links
        on reached.source = links.source
        and reached.amended_record_id = links.record_id
        and reached.amended_version_number = links.version_number
    left join links as direct
        on reached.source = direct.source
        and reached.record_id = direct.record_id
        and reached.version_number = direct.version_number
        and links.amended_record_id = direct.amended_record_id
        and links.amended_version_number = direct.amended_version_number
    where direct.record_id is null

)

select
    source,
    record_id,
    version_number,
    amended_record_id,
    amended_version_number,
    -- Originals of one day are one thing to be amended; of amendments each is one.
    case when is_amended_amendment then amended_record_id else 'original' end as amended_group,
    min(known_from) as known_from
from reached
group by source, record_id, version_number, amended_record_id, amended_version_number, is_amended_amendment
