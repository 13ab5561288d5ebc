-- What was traded and what a share cost before an event, as it was printed then: prices and volumes are not adjusted.
{%- set sessions_before = 21 %}
{%- set enough_sessions = 11 %}

with events as (

    select * from {{ ref('int_day_series') }}
    where
        is_event
        and series_id is not null

),

offsets as (
    {% for sessions_back in range(sessions_before) %}
    select {{ sessions_back }} as sessions_back{{ ' union all' if not loop.last }}
    {%- endfor %}

),

prices as (

    select * from {{ ref('int_series_prices') }}

),

before as (

    select
        events.source,
        events.issuer_id,
        events.signal_date,
        offsets.sessions_back,
        prices.close,
        prices.split_factor,
        prices.suspect_count,
        prices.close * prices.volume as value_traded
    from events
    cross join offsets
    inner join prices
        on events.series_id = prices.series_id
        and events.signal_number - offsets.sessions_back = prices.session_number

)

select
    source,
    issuer_id,
    signal_date,
    case when count(value_traded) >= {{ enough_sessions }} then median(value_traded) end as median_value_traded,
    min_by(close, sessions_back) filter (where sessions_back <= {{ var('study')['wait_sessions'] }}) as last_close,
    min_by(split_factor, sessions_back) filter (where sessions_back <= {{ var('study')['wait_sessions'] }}) as last_split_factor,
    min_by(suspect_count, sessions_back) filter (where sessions_back <= {{ var('study')['wait_sessions'] }}) as last_suspect_count
from before
group by source, issuer_id, signal_date
