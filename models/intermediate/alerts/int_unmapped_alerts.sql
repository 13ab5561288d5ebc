-- Raw values that no map knows, from the day on which the lines that have them were worth the rule's threshold.
with rules as (

    select * from {{ ref('alert_rules') }}
    where
        rule = 'unmapped_value'
        and is_enabled

),

transactions as (

    select * from {{ ref('int_current_transactions') }}

),

unmapped as (

    select distinct
        source,
        transaction_id,
        seed,
        raw_value
    from {{ ref('int_unmapped_lines') }}

    union all

    select
        source,
        transaction_id,
        'role_map' as seed,
        raw_role as raw_value
    from transactions
    where
        raw_role is not null
        and role_rule_id is null

),

summed as (

    select
        unmapped.source,
        unmapped.seed,
        unmapped.raw_value,
        transactions.available_date,
        sum(transactions.value_base) over (
            partition by unmapped.source, unmapped.seed, unmapped.raw_value
            order by transactions.available_date
        ) as value_so_far,
        sum(transactions.value_base) over (partition by unmapped.source, unmapped.seed, unmapped.raw_value) as value_base
    from unmapped
    inner join transactions
        on unmapped.source = transactions.source
        and unmapped.transaction_id = transactions.transaction_id
    where
        transactions.value_base is not null
        and not transactions.is_duplicate

),

valued as (

    select
        rules.rule,
        summed.source,
        summed.seed,
        summed.raw_value,
        summed.source || ':' || summed.seed || '=' || summed.raw_value as topic,
        min(summed.available_date) as known_on,
        cast(min(summed.value_base) as decimal(38, 6)) as value_base
    from summed
    inner join rules on summed.value_so_far >= rules.threshold
    group by rules.rule, summed.source, summed.seed, summed.raw_value

)

select
    rule,
    topic,
    {{ alert_id('rule', 'topic') }} as alert_id,
    source,
    known_on,
    value_base,
    'no map knows ' || seed || ' "' || raw_value || '", which stands in lines worth ' || {{ amount_text('value_base') }} as says
from valued
