with scores as (

    select * from {{ ref('issuer_scores') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

issuers as (

    select * from {{ ref('issuers') }}

),

buy_changes as (

    select * from {{ ref('int_buy_changes') }}

),

today as (

    select scores.*
    from scores
    inner join as_of on scores.signal_date = as_of.as_of_date

),

day_before as (

    select scores.*
    from scores
    inner join as_of on scores.signal_date = as_of.as_of_date - 1

),

compared as (

    select
        coalesce(today.source, day_before.source) as source,
        coalesce(today.issuer_id, day_before.issuer_id) as issuer_id,
        coalesce(today.market, day_before.market) as market,
        case
            when day_before.issuer_id is null then 'new'
            when today.issuer_id is null then 'gone'
            when today.rank <> day_before.rank then 'moved'
        end as change,
        day_before.rank as rank_before,
        today.rank as rank_now,
        day_before.score as score_before,
        today.score as score_now
    from today
    full outer join day_before
        on today.source = day_before.source
        and today.issuer_id = day_before.issuer_id

)

select
    as_of.as_of_date,
    compared.change,
    compared.source,
    compared.issuer_id,
    issuers.issuer_name,
    issuers.ticker,
    compared.market,
    compared.rank_before,
    compared.rank_now,
    compared.score_before,
    compared.score_now,
    coalesce(buy_changes.reasons, 'a day older; others moved') as reason
from compared
cross join as_of
left join buy_changes
    on compared.source = buy_changes.source
    and compared.issuer_id = buy_changes.issuer_id
left join issuers
    on compared.source = issuers.source
    and compared.issuer_id = issuers.issuer_id
where compared.change is not null
