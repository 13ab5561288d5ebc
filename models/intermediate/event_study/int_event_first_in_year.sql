-- Whether an issuer's buys on an event's day are its first in a year, as far as the archive of that day reaches back.
with event_days as (

    select distinct
        source,
        issuer_id,
        signal_date
    from {{ ref('int_signal_events') }}

),

eligible as (

    select
        versions.issuer_source as source,
        versions.issuer_id,
        versions.transaction_date,
        eligible.valid_from,
        eligible.valid_to
    from {{ ref('int_eligible_spans') }} as eligible
    inner join {{ ref('int_transaction_versions') }} as versions
        on {{ same_transaction_version('eligible', 'versions') }}

),

archives as (

    select * from {{ ref('int_archive_starts') }}

),

earlier as (

    select distinct
        event_days.source,
        event_days.issuer_id,
        event_days.signal_date
    from event_days
    inner join eligible
        on event_days.source = eligible.source
        and event_days.issuer_id = eligible.issuer_id
        and {{ holds_on('event_days.signal_date', 'eligible') }}
        and event_days.signal_date - 365 <= eligible.transaction_date
        and event_days.signal_date - {{ var('signal_window_days') }} > eligible.transaction_date

)

select
    event_days.source,
    event_days.issuer_id,
    event_days.signal_date,
    case
        when earlier.signal_date is not null then false
        when archives.first_available_date <= event_days.signal_date - 365 then true
    end as is_first_buy_in_year
from event_days
inner join archives
    on event_days.source = archives.source
    and {{ holds_on('event_days.signal_date', 'archives', 'first_available_date', 'next_start') }}
left join earlier
    on event_days.source = earlier.source
    and event_days.issuer_id = earlier.issuer_id
    and event_days.signal_date = earlier.signal_date
