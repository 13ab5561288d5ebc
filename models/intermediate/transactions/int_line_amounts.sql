with lines as (

    select * from {{ ref('int_line_classifications') }}

),

filings as (

    select
        source,
        record_id,
        version_number,
        market_settings
    from {{ ref('int_filing_versions') }}

),

markets as (

    select * from {{ ref('markets') }}

),

currency_units as (

    select * from {{ ref('currency_units') }}
    where version = {{ var('mapping_versions')['currency_units'] }}

),

stated as (

    select
        lines.*,
        coalesce(currency_units.currency, upper(lines.raw_currency), markets.default_currency) as currency,
        cast(1.0 / currency_units.units_per_currency as decimal(10, 6)) as currency_per_unit
    from lines
    inner join filings
        on {{ same_record_version('lines', 'filings') }}
    inner join markets on filings.market_settings = markets.market
    left join currency_units on lines.raw_currency = currency_units.raw_currency

),

amounts as (

    select
        *,
        abs(shares) as traded_shares,
        -- Rounding a product costs more than all else here, so only amounts in minor units are multiplied.
        case
            when currency_per_unit is null then price
            else try_cast(cast(price as decimal(28, 6)) * currency_per_unit as decimal(18, 6))
        end as unit_price,
        case
            when currency_per_unit is null then value
            else try_cast(value * currency_per_unit as decimal(28, 6))
        end as reported_value
    from stated

),

valued as (

    select
        *,
        case when reported_value is null then {{ rounded_product('traded_shares', 'unit_price') }} end as computed_value
    from amounts

)

select
    source,
    record_id,
    version_number,
    line_ordinal,
    line_number,
    raw_transaction_type,
    raw_ownership_nature,
    raw_security_type,
    raw_currency,
    raw_transaction_date,
    transaction_date,
    raw_shares,
    raw_price,
    raw_value,
    footnotes,
    is_planned,
    is_linked_to_share_programme,
    transaction_type,
    transaction_type_map_version,
    direction,
    security_type,
    security_class,
    security_type_map_version,
    is_derivative,
    currency,
    traded_shares as shares,
    unit_price as price,
    coalesce(reported_value, computed_value) as value,
    case
        when reported_value is not null then 'reported'
        when computed_value is not null then 'shares_times_price'
    end as value_source,
    shares_owned_after,
    {{ holding_change('direction', 'traded_shares', 'shares_owned_after') }} as holding_change
from valued
