-- The first exchange session that opens after each filing version was available.
with filings as (

    select
        source,
        record_id,
        version_number,
        market_settings,
        available_at,
        available_date
    from {{ ref('int_filing_versions') }}

),

markets as (

    select * from {{ ref('markets') }}

),

sessions as (

    select * from {{ ref('int_sessions') }}

)

select
    filings.source,
    filings.record_id,
    filings.version_number,
    case when sessions.opens_at > filings.available_at then sessions.date_day else sessions.next_session end as tradable_on
from filings
inner join markets on filings.market_settings = markets.market
left join sessions
    on markets.exchange_calendar = sessions.exchange_calendar
    and filings.available_date = sessions.date_day
