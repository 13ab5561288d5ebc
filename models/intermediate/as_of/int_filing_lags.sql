-- How long each current line took, on each clock that its market's rule sets, in the day kind of that rule.
with transactions as (

    select * from {{ ref('int_first_reports') }}

),

deadlines as (

    select * from {{ ref('filing_deadlines') }}

),

measured as (

    select
        transactions.transaction_id,
        transactions.version_number,
        transactions.transaction_date,
        deadlines.regulator,
        deadlines.rule,
        deadlines.clock,
        deadlines.measured_date as measured_on,
        deadlines.days,
        deadlines.day_kind,
        deadlines.calendar,
        case deadlines.measured_date
            when 'filing_date' then transactions.filing_date
            when 'available_date' then transactions.available_date
        end as measured_date
    from transactions
    inner join deadlines
        on transactions.market = deadlines.market
        and {{ holds_on('transactions.transaction_date', 'deadlines') }}

),

numbered as (

    select
        measured.*,
        traded.day_number as traded_number,
        filed.day_number as filed_number
    from measured
    left join {{ ref('int_counted_days') }} as traded
        on measured.day_kind = traded.day_kind
        and measured.calendar = traded.calendar
        and measured.transaction_date = traded.date_day
    left join {{ ref('int_counted_days') }} as filed
        on measured.day_kind = filed.day_kind
        and measured.calendar = filed.calendar
        and measured.measured_date = filed.date_day
    where measured.measured_date is not null

)

select
    numbered.transaction_id,
    numbered.version_number,
    numbered.regulator,
    numbered.rule,
    numbered.clock,
    numbered.measured_on,
    numbered.measured_date,
    numbered.day_kind,
    numbered.days as deadline_days,
    deadline_days.date_day as deadline_date,
    numbered.filed_number - numbered.traded_number as lag_days,
    numbered.measured_date > deadline_days.date_day as is_late
from numbered
left join {{ ref('int_counted_days') }} as deadline_days
    on numbered.day_kind = deadline_days.day_kind
    and numbered.calendar = deadline_days.calendar
    and numbered.traded_number + numbered.days = deadline_days.day_number
    and deadline_days.is_counted
