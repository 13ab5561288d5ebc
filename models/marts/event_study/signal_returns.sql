with events as (

    select * from {{ ref('int_study_events') }}

),

horizons as (
    {% for horizon in var('study')['horizons'] %}
    select cast({{ horizon }} as integer) as horizon{{ ' union all' if not loop.last }}
    {%- endfor %}

),

returns as (

    select * from {{ ref('int_position_returns') }}

)

select
    events.event_id,
    events.event_kind,
    events.signal_date,
    events.source,
    events.issuer_id,
    events.ticker,
    events.market,
    events.score,
    events.score_version,
    events.score_quintile,
    events.distinct_buyers,
    events.is_senior,
    events.role,
    events.buy_value_to_volume,
    events.same_terms_buyers,
    events.is_first_buy_in_year,
    events.trading_pattern,
    events.paid_to_close,
    events.paid_to_close_flag,
    events.tradable_on,
    returns.entry_date,
    returns.entry_at,
    returns.entry_price,
    horizons.horizon,
    returns.exit_date,
    coalesce(returns.is_delisted, false) as is_delisted,
    returns.raw_return,
    returns.benchmark_return,
    returns.adjusted_return,
    returns.abnormal_return,
    returns.adjusted_return - 2 * {{ var('cost_bps') }} / 10000.0 as net_return,
    returns.adjusted_return_delisting_30,
    returns.adjusted_return_delisting_100,
    case
        when not events.has_past then 'archive_begins'
        when events.series_id is null then 'no_symbol'
        when not events.has_prices then 'no_price'
        when events.tradable_number is null then 'no_entry'
        else returns.unpriced_reason
    end as unpriced_reason
from events
cross join horizons
left join returns
    on events.series_id = returns.series_id
    and events.tradable_number = returns.tradable_number
    and horizons.horizon = returns.horizon
