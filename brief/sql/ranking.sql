-- The ranking of the day with what its buys say; what only the file's own day tells is null on a day before.
with scores as (

    select * from marts.issuer_scores where signal_date = $day

),

day_before as (

    select * from marts.issuer_scores where signal_date = $day - 1

),

own_day as (

    select * from marts.daily_insider_signal where as_of_date = $day

),

names as (

    select
        issuer_source as source,
        issuer_id,
        max_by(issuer_name, (available_at, record_id)) filter (where issuer_name is not null) as issuer_name,
        max_by(ticker, (available_at, record_id)) filter (where ticker is not null) as ticker
    from marts.insider_transaction_versions
    where available_date <= $day
    group by issuer_source, issuer_id

),

known as (

    select * from marts.signal_buys where valid_from <= $day

),

firsts as (

    select
        source,
        issuer_id,
        buyer,
        min(transaction_date) as first_buy
    from known
    group by source, issuer_id, buyer

),

buys as (

    select
        known.source,
        known.issuer_id,
        count(distinct known.buyer) filter (where known.is_senior) as senior_buyers,
        count(distinct known.buyer) filter (where firsts.first_buy = known.transaction_date) as first_time_buyers,
        min_by(known.role, known.seniority) as top_role,
        max(lines.filing_date) as last_filed,
        max(current_lines.lag_days) as lag_days,
        coalesce(bool_or(current_lines.is_late), false) as is_late,
        case when count(distinct lines.currency) = 1 then min(lines.currency) end as currency,
        sum(lines.value) as value
    from known
    inner join marts.insider_transaction_versions as lines
        on known.transaction_id = lines.transaction_id
        and known.version_number = lines.version_number
    inner join firsts
        on known.source = firsts.source
        and known.issuer_id = firsts.issuer_id
        and known.buyer is not distinct from firsts.buyer
    left join marts.insider_transactions as current_lines
        on known.transaction_id = current_lines.transaction_id
        and known.version_number = current_lines.version_number
        and current_lines.as_of_date = $day
    where coalesce(known.valid_to > $day, true)
    group by known.source, known.issuer_id

)

select
    scores.rank,
    day_before.rank as rank_before,
    coalesce(own_day.ticker, names.ticker) as ticker,
    coalesce(own_day.issuer_name, names.issuer_name, scores.issuer_id) as issuer,
    scores.market,
    scores.score,
    scores.buy_value_term,
    scores.distinct_buyers_term,
    scores.senior_buyer_term,
    scores.days_since_last_buy_term,
    scores.total_buy_value,
    scores.base_currency,
    buys.value,
    buys.currency,
    scores.distinct_buyers,
    buys.senior_buyers,
    buys.first_time_buyers,
    buys.top_role,
    scores.last_buy_date,
    buys.last_filed,
    buys.lag_days,
    buys.is_late,
    scores.buy_lines,
    scores.unpriced_buys,
    own_day.same_terms_buyers,
    own_day.price_flags,
    scores.is_source_behind,
    scores.tradable_on,
    scores.source,
    scores.issuer_id
from scores
left join day_before
    on scores.source = day_before.source
    and scores.issuer_id = day_before.issuer_id
left join own_day
    on scores.source = own_day.source
    and scores.issuer_id = own_day.issuer_id
left join names
    on scores.source = names.source
    and scores.issuer_id = names.issuer_id
left join buys
    on scores.source = buys.source
    and scores.issuer_id = buys.issuer_id
order by scores.rank
