-- The lines of the ranked issuers of the last 30 days: what counts, what is left out and why, and what was superseded.
with ranked as (

    select * from marts.issuer_scores where signal_date = $day

),

counted as (

    select * from marts.signal_buys where valid_from <= $day and coalesce(valid_to > $day, true)

),

lines as (

    select
        *,
        coalesce(transaction_date, filing_date, available_date) as traded_or_filed,
        coalesce(superseded_date <= $day, false) as is_superseded
    from marts.insider_transaction_versions
    where available_date <= $day

)

select
    ranked.rank,
    case
        when counted.transaction_id is not null then 'counts'
        when lines.is_superseded then 'superseded'
        else 'left out'
    end as standing,
    case
        when counted.transaction_id is not null then null
        when lines.is_superseded then 'on ' || lines.superseded_date
        when lines.signal_exclusion_reason is not null then lines.signal_exclusion_reason
        when duplicates.duplicate_of is not null then 'duplicate of ' || duplicates.duplicate_of
        else coalesce(current_lines.signal_exclusion_reason, 'below the minimum or on shared terms')
    end as reason,
    lines.available_date as filed_on,
    lines.available_at as filed_at,
    case when lines.transaction_date <= $day then lines.transaction_date end as traded,
    coalesce(lines.insider_name, lines.insider_id) as insider,
    lines.raw_role as title,
    lines.role,
    lines.transaction_type,
    lines.shares,
    lines.price,
    lines.currency,
    lines.value_base,
    lines.version_number,
    current_lines.price_flag,
    current_lines.lag_days,
    current_lines.is_late,
    lines.url,
    lines.filing_id,
    payloads.content_hash,
    lines.transaction_id,
    ranked.source,
    ranked.issuer_id
from ranked
inner join lines
    on ranked.source = lines.issuer_source
    and ranked.issuer_id = lines.issuer_id
left join counted
    on lines.transaction_id = counted.transaction_id
    and lines.version_number = counted.version_number
left join marts.duplicate_spans as duplicates
    on lines.transaction_id = duplicates.transaction_id
    and lines.version_number = duplicates.version_number
    and duplicates.valid_from <= $day
    and coalesce(duplicates.valid_to > $day, true)
left join marts.filing_payloads as payloads
    on lines.source = payloads.source
    and lines.record_id = payloads.record_id
    and lines.version_number = payloads.version_number
left join marts.insider_transactions as current_lines
    on lines.transaction_id = current_lines.transaction_id
    and lines.version_number = current_lines.version_number
    and current_lines.as_of_date = $day
where
    counted.transaction_id is not null
    or lines.traded_or_filed between $day - 30 and $day
order by
    ranked.rank,
    case when counted.transaction_id is not null then 0 when lines.is_superseded then 2 else 1 end,
    lines.available_at desc,
    lines.transaction_id,
    lines.version_number
