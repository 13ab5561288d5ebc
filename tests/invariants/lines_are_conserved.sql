-- Every line of a filing version reaches insider_transaction_versions once, or the quarantine.
-- If this fails, a join lost or multiplied transactions.
with staged as (

    select
        source,
        record_id,
        version_number,
        count(*) as line_count
    from {{ ref('int_line_versions') }}
    group by source, record_id, version_number

),

published as (

    select
        source,
        record_id,
        version_number,
        count(*) as line_count
    from {{ ref('insider_transaction_versions') }}
    group by source, record_id, version_number

)

select
    staged.source,
    staged.record_id,
    staged.version_number,
    staged.line_count,
    published.line_count as published_line_count
from staged
full outer join published
    on {{ same_record_version('staged', 'published') }}
where staged.line_count is distinct from published.line_count
