with candidates as (

    select * from {{ ref('int_amendment_line_candidates') }}

)

select
    source,
    record_id,
    version_number,
    line_ordinal,
    amended_record_id,
    amended_version_number,
    amended_line_ordinal,
    known_from,
    -- As many identical tranches on both sides are restated one by one, whichever is which.
    case
        when amended_choices = 1 and amendment_choices = 1 then 'matched'
        when is_identical and amended_choices = amendment_choices then 'matched'
        else 'ambiguous'
    end as match_status
from candidates
