with completeness as (

    select * from {{ ref('int_source_completeness') }}
    where source in ('{{ var("filing_sources") | join("', '") }}')

)

select
    {% if var('as_of_date') -%}
    coalesce(cast('{{ var("as_of_date") }}' as date), max(complete_through)) as as_of_date
    {%- else -%}
    max(complete_through) as as_of_date
    {%- endif %}
from completeness
