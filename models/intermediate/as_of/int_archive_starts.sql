-- A filing long before all others, such as one with a mistyped date, is no beginning: half a year without any filing of a source is no quiet time
-- but one that its archive does not have. Only what was available on a day decides for it; windows do not, because they say what was asked for and
-- not what a source has of those days.
{%- set silent_days = 183 %}
with days as (

    select distinct
        issuer_source as source,
        available_date
    from {{ ref('int_filing_versions') }}

),

followed as (

    select
        *,
        lag(available_date) over (partition by source order by available_date) as day_before
    from days

),

starts as (

    select
        source,
        available_date as first_available_date
    from followed
    where coalesce(day_before + {{ silent_days }} < available_date, true)

)

select
    *,
    lead(first_available_date) over (partition by source order by first_available_date) as next_start
from starts
