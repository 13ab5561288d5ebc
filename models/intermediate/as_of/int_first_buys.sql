-- Whether each purchase of shares that stands at the as-of date is the first of its insider in its issuer for a time, as far as the archive
-- of that day reaches back.
{%- set first_buy_days = var('first_buy_days') %}

with purchases as (

    select
        *,
        {{ days_from("date '1990-01-01'", 'transaction_date') }} as day_number
    from {{ ref('int_current_transactions') }}
    where
        is_share_purchase
        and event_key is not null
        and issuer_id is not null
        and transaction_date is not null
        and insider_key is not null

),

archives as (

    select * from {{ ref('int_archive_starts') }}

),

followed as (

    select
        *,
        max(day_number) over (
            partition by issuer_source, issuer_id, insider_key order by day_number
            range between {{ first_buy_days }} preceding and 1 preceding
        ) as earlier_day_number
    from purchases

)

select
    followed.transaction_id,
    followed.version_number,
    case
        when followed.earlier_day_number is not null then false
        when archives.first_available_date <= followed.transaction_date - {{ first_buy_days }} then true
    end as is_first_buy
from followed
inner join archives
    on followed.issuer_source = archives.source
    and {{ holds_on('followed.as_of_date', 'archives', 'first_available_date', 'next_start') }}
