{{ config(materialized='view') }}

with lines as (

    select * from {{ ref('int_line_versions') }}

),

transaction_types as (

    {{ words_of_sources('transaction_type_map', 'raw_code', ['transaction_type', 'direction']) }}

),

securities as (

    select * from {{ ref('int_security_types') }}

),

funds as (

    select * from {{ ref('int_fund_filings') }}

),

stated as (

    select
        lines.*,
        transaction_types.version as transaction_type_map_version,
        -- With the box for an equity swap ticked, a purchase or sale is the settlement of a contract.
        case
            when lines.is_equity_swap and transaction_types.direction in ('buy', 'sell') then 'equity_swap'
            else transaction_types.transaction_type
        end as transaction_type,
        case
            when lines.is_equity_swap and transaction_types.direction in ('buy', 'sell') then 'none'
            else transaction_types.direction
        end as type_direction,
        case
            when lower(lines.raw_acquired_disposed) in ('a', 'acquired', 'buy') then 'buy'
            when lower(lines.raw_acquired_disposed) in ('d', 'disposed', 'sell') then 'sell'
        end as stated_direction,
        securities.security_type,
        -- What a fund issues to its insiders as stock or as shares is no share of a company.
        case
            when funds.record_id is not null and coalesce(securities.security_class, 'common') = 'common' then 'fund'
            else securities.security_class
        end as security_class,
        securities.security_type_map_version
    from lines
    left join transaction_types
        on lines.source = transaction_types.source
        and lower(lines.raw_transaction_type) = transaction_types.raw_code
    left join securities on lines.raw_security_type = securities.raw_security_type
    left join funds
        on {{ same_record_version('lines', 'funds') }}

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
    shares,
    raw_price,
    price,
    raw_value,
    value,
    shares_owned_after,
    footnotes,
    is_planned,
    is_linked_to_share_programme,
    transaction_type,
    transaction_type_map_version,
    -- A code that says buy does not make a disposal a purchase.
    case
        when type_direction in ('buy', 'sell') then coalesce(stated_direction, type_direction)
        else type_direction
    end as direction,
    security_type,
    security_class,
    security_type_map_version,
    coalesce(is_derivative, security_class = 'derivative', false) as is_derivative
from stated
