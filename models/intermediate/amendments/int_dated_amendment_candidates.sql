-- What a dated amendment may amend: filings before it that its date of the original fits, of its issuer or of one of its owners.
with parties as (

    select * from {{ ref('int_dated_filing_parties') }}

),

candidates as (

    select
        amendments.source,
        amendments.record_id,
        amendments.version_number,
        amended.record_id as amended_record_id,
        amended.version_number as amended_version_number,
        amended.is_amendment as is_amended_amendment,
        amended.filed_at as amended_filed_at,
        greatest(amendments.available_from, amended.available_from) as known_from,
        amendments.original_date = amended.filing_date
        or (amended.is_amendment and coalesce(amendments.original_date = amended.original_date, false)) as fits_date,
        bool_or(amended.party_kind = 'issuer') as is_same_issuer,
        bool_or(amended.party_kind = 'owner') as is_same_owner
    from parties as amendments
    inner join parties as amended
        on amendments.source = amended.source
        and amendments.form_family = amended.form_family
        and amendments.party_kind = amended.party_kind
        and amendments.party = amended.party
        and amendments.record_id <> amended.record_id
        -- The data sets give no time of day: what an amendment says is the day of its original may well be its own.
        and case
            when amended.is_amendment then amendments.filed_at || ' ' || amendments.record_id > amended.filed_at || ' ' || amended.record_id
            else
                amendments.filing_date >= amended.filing_date
                and coalesce(amendments.accepted_at > amended.accepted_at, true)
        end
        and (
            (amended.is_amendment and amendments.original_date = amended.original_date)
            or amendments.original_date = amended.filing_date
            or (amendments.original_date < amended.filing_date and amendments.original_day_number + 4 >= amended.filing_day_number)
        )
    where amendments.is_amendment
    group by all

)

select
    source,
    record_id,
    version_number,
    amended_record_id,
    amended_version_number,
    is_amended_amendment,
    amended_filed_at,
    known_from,
    case
        when not fits_date then 'signing_date'
        when not is_same_owner then 'other_person'
        when not is_same_issuer then 'other_issuer'
        else 'original_date'
    end as link_basis
from candidates
where fits_date or (is_same_issuer and is_same_owner)
