-- The rate of each currency and transaction date that occurs: of the day, or of the last fixing within seven days before it.
with fixings as (

    select
        fixing_date,
        currency,
        units_per_euro
    from {{ ref('stg_ecb_rates__fixings') }}

),

last_fixing as (

    select max(fixing_date) as fixing_date
    from fixings

),

-- The euro is its own unit on every day that has any fixing.
rates as (

    select * from fixings
    union all
    select distinct
        fixing_date,
        'EUR' as currency,
        1.0 as units_per_euro
    from fixings

),

currencies as (

    select distinct currency
    from rates

),

needed as (

    select distinct
        currency,
        transaction_date
    from {{ ref('int_line_amounts') }}
    where transaction_date is not null

),

-- Of the currencies that occur alone: the others are most of the archive.
valid_rates as (

    select
        *,
        least(lead(fixing_date, 1, fixing_date + 8) over (partition by currency order by fixing_date), fixing_date + 8) as valid_before
    from rates
    where
        currency = '{{ var("base_currency") }}'
        or currency in (select needed.currency from needed)

),

crossed as (

    select
        needed.currency,
        needed.transaction_date,
        base_rates.units_per_euro / quoted.units_per_euro as fx_rate,
        least(base_rates.fixing_date, quoted.fixing_date) as fx_rate_date
    from needed
    inner join valid_rates as quoted
        on needed.currency = quoted.currency
        and needed.transaction_date >= quoted.fixing_date
        and needed.transaction_date < quoted.valid_before
    inner join valid_rates as base_rates
        on base_rates.currency = '{{ var("base_currency") }}'
        and needed.transaction_date >= base_rates.fixing_date
        and needed.transaction_date < base_rates.valid_before

)

select
    needed.currency,
    needed.transaction_date,
    case when needed.transaction_date <= last_fixing.fixing_date then crossed.fx_rate end as fx_rate,
    case when needed.transaction_date <= last_fixing.fixing_date then crossed.fx_rate_date end as fx_rate_date,
    case
        when coalesce(needed.transaction_date > last_fixing.fixing_date, true) then 'not_loaded'
        when currencies.currency is null then 'unknown_currency'
        when crossed.fx_rate is null then 'no_rate'
        when crossed.fx_rate_date = needed.transaction_date then 'fixing'
        else 'carried'
    end as fx_status
from needed
cross join last_fixing
left join currencies on needed.currency = currencies.currency
left join crossed
    on needed.currency = crossed.currency
    and needed.transaction_date = crossed.transaction_date
