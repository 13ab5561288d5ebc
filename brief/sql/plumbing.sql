-- What a reader should know of the data before believing the ranking.
with lines as (

    select * from marts.insider_transactions where as_of_date = $day

),

worth as (

    select 'role_map' as seed, raw_role as raw_value, value_base from lines
    union all
    select 'transaction_type_map', raw_transaction_type, value_base from lines
    union all
    select 'security_type_map', security_type, value_base from lines
    union all
    select 'markets', market, value_base from lines
    union all
    select 'ecb_rates', raw_currency, value_base from lines

),

unmapped as (

    select
        unmapped_values.source,
        unmapped_values.seed,
        unmapped_values.raw_value,
        min(unmapped_values.occurrences) as occurrences,
        sum(worth.value_base) as value_base
    from marts.unmapped_values as unmapped_values
    left join worth
        on unmapped_values.seed = worth.seed
        and unmapped_values.raw_value = worth.raw_value
    where unmapped_values.as_of_date = $day
    group by unmapped_values.source, unmapped_values.seed, unmapped_values.raw_value

)

select
    'unmapped value' as what,
    seed || ': ' || raw_value as detail,
    occurrences as found,
    value_base,
    'marts.unmapped_values' as mart
from unmapped
union all
select 'quarantined record', source || ': ' || reason, count(*), null, 'marts.quarantined_records'
from marts.quarantined_records group by source, reason
union all
select 'duplicate line', source, count(*), null, 'marts.duplicate_lines'
from marts.duplicate_lines where as_of_date = $day group by source
union all
select 'suspect price, number or value', price_flag, count(*), sum(value_base), 'marts.insider_transactions'
from lines where price_flag is not null group by price_flag
union all
select 'vanished record', source, count(*), null, 'marts.vanished_records'
from marts.vanished_records where as_of_date = $day group by source
union all
select 'unverified window', source, count(*), null, 'marts.load_completeness'
from marts.load_completeness where as_of_date = $day and is_closed and status = 'unverified' group by source
union all
select 'late filing', market || ', ' || rule, count(*), null, 'marts.filing_timeliness'
from marts.filing_timeliness where as_of_date = $day and is_late and clock = 'insider_notification' group by market, rule
order by what, value_base desc nulls last, found desc, detail
