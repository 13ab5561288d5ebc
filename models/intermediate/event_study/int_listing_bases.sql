-- The adjusted prices of each ticker have a basis of their own. Where a series changes its ticker, what comes before is brought to the basis
-- of what comes after: by the new ticker's price on the old one's last session, else as if the closes followed each other without adjustment.
with symbols as (

    select * from {{ ref('int_listing_symbols') }}

),

several as (

    select listing_id
    from symbols
    group by listing_id
    having count(distinct symbol) > 1

),

prices as (

    select prices.*
    from {{ ref('int_listing_prices') }} as prices
    inner join several on prices.listing_id = several.listing_id

),

followed as (

    select
        listing_id,
        session_number,
        session_date,
        symbol,
        adjusted_close / close as adjustment,
        adjusted_close,
        lead(session_number) over (partition by listing_id order by session_number) as next_number,
        lead(symbol) over (partition by listing_id order by session_number) as next_symbol,
        lead(adjusted_close / close) over (partition by listing_id order by session_number) as next_adjustment
    from prices

),

seams as (

    select * from followed
    where next_symbol <> symbol

),

closes as (

    select * from {{ ref('stg_prices__closes') }}

),

common_sessions as (

    select
        seams.listing_id,
        seams.session_number,
        max(closes.adjusted_close) as next_adjusted_close
    from seams
    inner join symbols
        on seams.listing_id = symbols.listing_id
        and seams.next_symbol = symbols.symbol
    inner join closes
        on symbols.symbol_kind = closes.symbol_kind
        and symbols.symbol = closes.symbol
        and symbols.source is not distinct from closes.source
        and symbols.market is not distinct from closes.market
        and seams.session_date = closes.session_date
    group by seams.listing_id, seams.session_number

),

steps as (

    select
        seams.listing_id,
        seams.session_number,
        coalesce(common_sessions.next_adjusted_close / seams.adjusted_close, seams.next_adjustment / seams.adjustment) as step
    from seams
    left join common_sessions
        on seams.listing_id = common_sessions.listing_id
        and seams.session_number = common_sessions.session_number

)

select
    listing_id,
    coalesce(lag(session_number) over (partition by listing_id order by session_number), 0) as after_number,
    session_number as last_number,
    exp(sum(ln(step)) over (
        partition by listing_id order by session_number
        rows between current row and unbounded following
    )) as basis
from steps
