{%- set given = "cast('" ~ var('as_of_date') ~ "' as date)" if var('as_of_date') else 'cast(null as date)' -%}

with completeness as (

    select * from {{ ref('int_source_completeness') }}
    where filing_source is not null

)

select coalesce({{ given }}, max(complete_through)) as as_of_date
from completeness
