with positions as (

    select * from {{ ref('int_event_positions') }}

),

events as (

    select * from {{ ref('int_signal_events') }}

),

labels as (

    select * from {{ ref('int_event_labels') }}

),

entries as (

    select * from {{ ref('int_position_entries') }}

)

select
    positions.event_id,
    positions.event_kind,
    positions.has_past,
    positions.signal_date,
    positions.source,
    positions.issuer_id,
    positions.ticker,
    events.market,
    positions.series_id,
    positions.has_prices,
    positions.tradable_on,
    positions.tradable_number,
    entries.entry_number as entry_session_number,
    entries.entry_date,
    entries.entry_at,
    events.score,
    events.score_version,
    events.score_quintile,
    events.total_buy_value,
    events.distinct_buyers,
    events.is_senior,
    events.days_since_last_buy,
    events.buy_value_term,
    events.distinct_buyers_term,
    events.senior_buyer_term,
    events.days_since_last_buy_term,
    labels.role,
    labels.median_value_traded,
    labels.buy_value_to_volume,
    labels.same_terms_buyers,
    labels.is_first_buy_in_year,
    labels.trading_pattern,
    labels.paid_to_close,
    labels.paid_to_close_flag
from positions
inner join events
    on positions.source = events.source
    and positions.issuer_id = events.issuer_id
    and positions.signal_date = events.signal_date
    and split_part(positions.event_kind, '_at_', 1) = events.event_kind
inner join labels
    on positions.source = labels.source
    and positions.issuer_id = labels.issuer_id
    and positions.signal_date = labels.signal_date
left join entries
    on positions.series_id = entries.series_id
    and positions.tradable_number = entries.tradable_number
