-- Days of which filings are missing: not loaded, or none where there usually are.
select
    cast(date_trunc('week', filing_date) as date) as week,
    string_agg(distinct source || ' ' || market || ' ' || gap, ', ' order by source || ' ' || market || ' ' || gap) as gaps,
    count(*) as days
from marts.filing_counts
where
    as_of_date = $day
    and gap is not null
    and filing_date <= $day
    and filing_date > cast(date_trunc('week', $day) as date) - 7 * 26
group by week
order by week
