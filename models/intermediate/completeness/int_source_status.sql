with as_of as (

    select * from {{ ref('int_as_of') }}

),

completeness as (

    select
        coalesce(filing_source, source) as source,
        max(complete_through) as complete_through
    from {{ ref('int_source_completeness') }}
    group by coalesce(filing_source, source)

)

select
    completeness.source,
    completeness.complete_through,
    as_of.as_of_date,
    completeness.complete_through < as_of.as_of_date as is_source_behind
from completeness
cross join as_of
