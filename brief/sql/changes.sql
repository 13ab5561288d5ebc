-- New, gone, and moved by five ranks and more, or within the first three, since the day before.
with today as (

    select * from marts.issuer_scores where signal_date = $day

),

day_before as (

    select * from marts.issuer_scores where signal_date = $day - 1

),

counted as (

    select
        source,
        issuer_id,
        transaction_id,
        version_number,
        valid_from <= $day and coalesce(valid_to > $day, true) as is_in,
        valid_from <= $day - 1 and coalesce(valid_to > $day - 1, true) as was_in
    from marts.signal_buys

),

reasons as (

    select
        counted.source,
        counted.issuer_id,
        string_agg(distinct case
            when counted.is_in and lines.version_number > 1 then 'corrected buy'
            when counted.is_in and lines.amends_id is not null then 'amended buy'
            when counted.is_in and lines.available_date = $day then 'new buy'
            when counted.is_in then 'reinstated buy'
            when lines.superseded_date = $day then 'buy superseded'
            else 'buy left the window or no longer counts'
        end, ', ') as reason
    from counted
    inner join marts.insider_transaction_versions as lines
        on counted.transaction_id = lines.transaction_id
        and counted.version_number = lines.version_number
    where counted.is_in <> counted.was_in
    group by counted.source, counted.issuer_id

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

compared as (

    select
        coalesce(today.source, day_before.source) as source,
        coalesce(today.issuer_id, day_before.issuer_id) as issuer_id,
        coalesce(today.market, day_before.market) as market,
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
    case
        when compared.rank_before is null then 'new'
        when compared.rank_now is null then 'gone'
        when compared.rank_now < compared.rank_before then 'up'
        else 'down'
    end as change,
    names.ticker,
    coalesce(names.issuer_name, compared.issuer_id) as issuer,
    compared.market,
    compared.rank_before,
    compared.rank_now,
    compared.score_before,
    compared.score_now,
    coalesce(changes.reason, reasons.reason, 'a day older; others moved') as reason,
    compared.source,
    compared.issuer_id
from compared
left join reasons
    on compared.source = reasons.source
    and compared.issuer_id = reasons.issuer_id
left join marts.signal_changes as changes
    on compared.source = changes.source
    and compared.issuer_id = changes.issuer_id
    and changes.as_of_date = $day
left join names
    on compared.source = names.source
    and compared.issuer_id = names.issuer_id
where
    compared.rank_before is null
    or compared.rank_now is null
    or abs(compared.rank_now - compared.rank_before) >= 5
    or (compared.rank_now <= 3 and compared.rank_now <> compared.rank_before)
order by
    case when compared.rank_before is null then 0 when compared.rank_now is null then 2 else 1 end,
    least(coalesce(compared.rank_now, compared.rank_before), coalesce(compared.rank_before, compared.rank_now)),
    compared.source,
    compared.issuer_id
