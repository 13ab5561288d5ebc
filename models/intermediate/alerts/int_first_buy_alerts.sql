-- Days on which a senior insider's purchases begin to count, and none of theirs had in the rule's quiet days before. An archive that is
-- younger than these days cannot know that.
with rules as (

    select * from {{ ref('alert_rules') }}
    where
        rule = 'senior_first_buy'
        and is_enabled

),

days as (

    select
        issuer_source as source,
        issuer_id,
        buyer,
        first_day,
        max(case when is_senior then 1 else 0 end) as senior_buyers,
        cast(sum(value_base) as decimal(38, 6)) as value_base,
        lag(first_day) over (partition by issuer_source, issuer_id, buyer order by first_day) as counted_before,
        min(min(first_day)) over (partition by issuer_source) as archive_starts
    from {{ ref('int_buys') }}
    group by issuer_source, issuer_id, buyer, first_day

)

select
    rules.rule,
    days.source,
    days.issuer_id,
    days.buyer,
    days.first_day as known_on,
    days.value_base,
    rules.quiet_days
from days
cross join rules
cross join {{ ref('int_as_of') }} as as_of
where
    days.first_day <= as_of.as_of_date
    and days.buyer is not null
    and days.senior_buyers = 1
    and days.value_base >= rules.threshold
    and {{ days_from('days.archive_starts', 'days.first_day') }} > rules.quiet_days
    and ({{ days_from('days.counted_before', 'days.first_day') }} > rules.quiet_days or days.counted_before is null)
