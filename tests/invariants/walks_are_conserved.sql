-- What a walk received is archived or set aside, and where the source gave a count for closed days, it came out.
-- If this fails, a load was committed that the loader should have refused.
select *
from {{ ref('load_completeness') }}
where
    received_records <> archived_records + set_aside_records
    or (is_closed and reported_records <> received_records)
