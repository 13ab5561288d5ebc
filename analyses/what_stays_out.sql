-- Which reasons keep purchases out of the signal, how many lines, and worth how much?
select
    signal_exclusion_reason,
    count(*) as lines,
    count(distinct issuer_id) as issuers,
    round(sum(value_base)) as value_base
from {{ ref('insider_transactions') }}
where
    direction = 'buy'
    and signal_exclusion_reason is not null
    and not is_duplicate
group by signal_exclusion_reason
order by lines desc, signal_exclusion_reason asc
