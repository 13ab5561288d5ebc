with rules as (

    select * from {{ ref('reader_rules') }}

)

select
    position,
    topic,
    rule,
    example
from rules
