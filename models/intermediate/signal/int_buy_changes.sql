-- What entered and what left each issuer's buys between the day before the as-of date and that date, and why.
with buys as (

    select * from {{ ref('int_buys') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

transactions as (

    select * from {{ ref('int_transaction_versions') }}

),

restated as (

    select distinct
        origins.source,
        origins.record_id,
        origins.version_number,
        origins.line_ordinal
    from {{ ref('int_line_origins') }} as origins
    inner join as_of on {{ moment_date('origins.known_from') }} <= as_of.as_of_date

),

-- What an amendment names may not have come yet.
amendments as (

    select distinct
        links.source,
        links.record_id
    from {{ ref('int_amendment_links') }} as links
    inner join as_of on {{ moment_date('links.known_from') }} <= as_of.as_of_date

),

today as (

    select buys.*
    from buys
    inner join as_of
        on {{ holds_on('as_of.as_of_date', 'buys', 'first_day', 'day_after') }}

),

day_before as (

    select buys.*
    from buys
    inner join as_of
        on {{ holds_on('as_of.as_of_date - 1', 'buys', 'first_day', 'day_after') }}

),

entered as (

    select
        today.issuer_source as source,
        today.issuer_id,
        case
            when transactions.version_number > 1 then 'corrected buy'
            when amendments.record_id is not null or restated.record_id is not null then 'amended buy'
            when transactions.available_date = as_of.as_of_date then 'new buy'
            else 'reinstated buy'
        end as reason
    from today
    cross join as_of
    inner join transactions
        on today.transaction_id = transactions.transaction_id
        and today.version_number = transactions.version_number
    left join amendments
        on transactions.source = amendments.source
        and transactions.record_id = amendments.record_id
    left join restated
        on transactions.source = restated.source
        and transactions.record_id = restated.record_id
        and transactions.version_number = restated.version_number
        and transactions.line_ordinal = restated.line_ordinal
    left join day_before
        on today.transaction_id = day_before.transaction_id
        and today.version_number = day_before.version_number
    where day_before.transaction_id is null

),

departed as (

    select
        day_before.issuer_source as source,
        day_before.issuer_id,
        case
            when day_before.transaction_date < as_of.as_of_date - {{ var('signal_window_days') }} then 'buy left the window'
            when transactions.superseded_date = as_of.as_of_date then 'buy superseded'
            else 'buy no longer counted'
        end as reason
    from day_before
    cross join as_of
    inner join transactions
        on day_before.transaction_id = transactions.transaction_id
        and day_before.version_number = transactions.version_number
    left join today
        on day_before.transaction_id = today.transaction_id
        and day_before.version_number = today.version_number
    where today.transaction_id is null

),

changes as (

    select * from entered
    union all
    select * from departed

)

select
    source,
    issuer_id,
    {{ ordered_list('distinct reason', 'reason', ', ') }} as reasons
from changes
group by source, issuer_id
