with filing_versions as (

    select * from {{ ref('int_filing_versions') }}

),

-- A record that names itself or its own filing amends nothing.
links as (

    select
        source,
        record_id,
        filing_id,
        amends_id,
        {{ moment('available_date', 'available_at') }} as known_from
    from filing_versions
    where
        amends_id is not null
        and amends_id <> record_id
        and amends_id <> filing_id

)

select *
from links
qualify row_number() over (partition by source, record_id, amends_id order by known_from, filing_id) = 1
