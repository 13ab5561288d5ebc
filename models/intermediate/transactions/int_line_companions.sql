with lines as (

    select
        trades.source,
        trades.record_id,
        trades.version_number,
        trades.line_ordinal,
        trades.transaction_date,
        trades.direction,
        trades.raw_security_type,
        lower(trades.raw_security_type) as lower_title,
        trades.is_derivative,
        trades.footnotes,
        {{ as_double('trades.shares') }} as shares,
        nullif(trades.price, 0) as price,
        trades.direction = 'buy' or lower(staged.raw_acquired_disposed) in ('a', 'acquired', 'buy') as is_acquired
    from {{ ref('int_line_amounts') }} as trades
    inner join {{ ref('int_line_versions') }} as staged
        on {{ same_line_version('trades', 'staged') }}

),

pairs as (

    select
        lines.source,
        lines.record_id,
        lines.version_number,
        lines.line_ordinal,
        other_lines.line_ordinal as other_ordinal,
        other_lines.footnotes,
        other_lines.lower_title,
        other_lines.is_derivative,
        lines.shares = other_lines.shares and coalesce(other_lines.price = lines.price, true) as is_one_for_one,
        lines.direction = other_lines.direction
        and lines.raw_security_type = other_lines.raw_security_type
        and lines.price = other_lines.price as is_same_trade,
        -- An option that the insider was granted on the day is no part of what was bought.
        not {{ matches_pattern('other_lines.lower_title', "'option|appreciation|restricted|performance|phantom|deferred|award'") }} as is_no_grant,
        12 * greatest(lines.shares, other_lines.shares) / nullif(least(lines.shares, other_lines.shares), 0) as twelfths
    from lines
    inner join lines as other_lines
        on {{ same_record_version('lines', 'other_lines') }}
        and lines.transaction_date = other_lines.transaction_date
        and lines.line_ordinal <> other_lines.line_ordinal
    where
        lines.direction = 'buy'
        and not lines.is_derivative
        and other_lines.is_acquired

)

select
    source,
    record_id,
    version_number,
    line_ordinal,
    other_ordinal,
    footnotes,
    lower_title as security_title,
    is_derivative and is_one_for_one as is_one_for_one
from pairs
where
    (is_derivative and is_no_grant and twelfths <= 120 and abs(twelfths - round(twelfths)) < 0.05)
    or (not is_derivative and is_same_trade)
