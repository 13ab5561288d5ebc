with claims as (

    select * from {{ ref('int_amendment_claims') }}

),

filing_versions as (

    select
        source,
        record_id,
        version_number,
        {{ moment('available_date', 'available_at') }} as available_from
    from {{ ref('int_filing_versions') }}

),

amendments as (

    select
        *,
        known_from || ' ' || amends_from || ' ' || record_id as place
    from {{ ref('int_amendment_targets') }}
    where target_kind = 'record'

),

contested as (

    select
        filing_versions.source,
        filing_versions.record_id,
        filing_versions.version_number,
        claims.superseding_record_id,
        claims.known_from,
        greatest(claims.known_from, filing_versions.available_from) as takes_effect
    from claims
    inner join filing_versions
        on claims.source = filing_versions.source
        and claims.record_id = filing_versions.record_id

),

-- What amends the record that would take its place keeps its own, unless it is itself amended by that one later.
answered as (

    select
        contested.*,
        coalesce(answer.known_from <= contested.takes_effect, false)
        and not coalesce(objection.known_from <= contested.takes_effect and objection.place > answer.place, false) as is_answered
    from contested
    left join amendments as answer
        on contested.source = answer.source
        and contested.record_id = answer.record_id
        and contested.superseding_record_id = answer.target_id
    left join amendments as objection
        on contested.source = objection.source
        and contested.superseding_record_id = objection.record_id
        and contested.record_id = objection.target_id

)

select
    source,
    record_id,
    version_number,
    superseding_record_id,
    min(known_from) as known_from
from answered
where not is_answered
group by source, record_id, version_number, superseding_record_id
