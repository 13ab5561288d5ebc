-- Which raw values does no mapping seed know, and how many lines have them?
select
    seed,
    raw_value,
    sum(occurrences) as occurrences
from {{ ref('unmapped_values') }}
group by seed, raw_value
order by occurrences desc, seed asc, raw_value asc
