with counted as (

    select * from {{ ref('int_daily_filings') }}

),

days as (

    select * from {{ ref('int_business_days') }}

),

markets as (

    select * from {{ ref('markets') }}

),

covered as (

    select * from {{ ref('int_covered_days') }}

),

spans as (

    select
        source,
        market,
        market_settings,
        min(as_of_date) as as_of_date,
        min(filing_date) as first_date
    from counted
    group by source, market, market_settings

),

spine as (

    select
        spans.source,
        spans.market,
        spans.market_settings,
        spans.as_of_date,
        days.date_day,
        days.is_business_day
    from spans
    inner join markets on spans.market_settings = markets.market
    inner join days
        on markets.business_calendar = days.business_calendar
        and spans.first_date <= days.date_day
        and spans.as_of_date >= days.date_day

),

filled as (

    select
        spine.*,
        coalesce(counted.filing_count, 0) as filing_count,
        coalesce(counted.record_count, 0) as record_count,
        coalesce(counted.line_count, 0) as line_count,
        covered.date_day is not null as is_covered,
        avg(case when covered.date_day is not null then coalesce(counted.filing_count, 0) end) over (
            partition by spine.source, spine.market, spine.is_business_day order by spine.date_day
            rows between 20 preceding and 1 preceding
        ) as usual_filing_count
    from spine
    left join counted
        on spine.source = counted.source
        and spine.market = counted.market
        and spine.market_settings = counted.market_settings
        and spine.date_day = counted.filing_date
    left join covered
        on spine.source = covered.source
        and spine.date_day = covered.date_day

)

select
    as_of_date,
    source,
    market,
    date_day as filing_date,
    is_business_day,
    filing_count,
    record_count,
    line_count,
    is_covered,
    usual_filing_count,
    case
        when not is_covered then 'not_loaded'
        when is_business_day and filing_count = 0 and usual_filing_count >= 5 then 'no_filings'
    end as gap
from filled
