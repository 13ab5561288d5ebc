{{ config(materialized='view') }}

with lines as (

    select * from {{ ref('int_line_versions') }}

),

transaction_types as (

    select * from {{ ref('transaction_type_map') }}
    where version = {{ var('mapping_versions')['transaction_type_map'] }}

),

securities as (

    select * from {{ ref('int_security_types') }}

),

stated as (

    select
        lines.*,
        transaction_types.transaction_type,
        transaction_types.version as transaction_type_map_version,
        transaction_types.direction as type_direction,
        case
            when lower(lines.raw_acquired_disposed) in ('a', 'acquired', 'buy') then 'buy'
            when lower(lines.raw_acquired_disposed) in ('d', 'disposed', 'sell') then 'sell'
        end as stated_direction,
        securities.security_type,
        securities.security_class,
        securities.security_type_map_version
    from lines
    left join transaction_types
        on lines.source = transaction_types.source
        and lower(lines.raw_transaction_type) = transaction_types.raw_code
    left join securities on lines.raw_security_type = securities.raw_security_type

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
