with duplicates as (

    select * from {{ ref('int_transaction_spans') }}
    where is_duplicate

),

as_of as (

    select * from {{ ref('int_as_of') }}

)

select
    as_of.as_of_date,
    duplicates.source,
    duplicates.transaction_id,
    duplicates.version_number,
    duplicates.duplicate_of,
    duplicates.valid_from,
    -- An end that lies ahead is not known yet.
    case when duplicates.valid_to <= as_of.as_of_date then duplicates.valid_to end as valid_to
from duplicates
inner join as_of on duplicates.valid_from <= as_of.as_of_date
