with buys as (

    select
        lines.source,
        lines.record_id,
        lines.version_number,
        lines.line_ordinal,
        staged.footnotes,
        {{ with_trade_named('staged.ownership_notes', 'lines.transaction_date', 'lines.shares') }} as ownership_notes,
        -- Remarks speak of the filing: of which purchase they speak is plain where all are of one day.
        case
            when
                min(lines.transaction_date) over (partition by lines.source, lines.record_id, lines.version_number)
                = max(lines.transaction_date) over (partition by lines.source, lines.record_id, lines.version_number)
                then {{ with_trade_named('staged.remarks', 'lines.transaction_date', 'lines.shares') }}
        end as remarks
    from {{ ref('int_line_amounts') }} as lines
    inner join {{ ref('int_line_versions') }} as staged
        on {{ same_line_version('lines', 'staged') }}
    where
        lines.direction = 'buy'
        and not lines.is_derivative

),

filings as (

    select
        source,
        record_id,
        version_number,
        issuer_name
    from {{ ref('int_filing_versions') }}

),

companions as (

    select * from {{ ref('int_line_companions') }}

),

texts as (

    {% for place, column in {1: 'footnotes', 2: 'ownership_notes', 3: 'footnotes', 4: 'remarks'}.items() -%}
    select
        source,
        record_id,
        version_number,
        line_ordinal,
        {{ place }} as place,
        {{ place in [2, 4] }} as must_name_trade,
        {{ column }} as note_text
    from {{ 'companions' if place == 3 else 'buys' }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

-- What tells of ownership or of the filing tells of other trades, too.
select
    texts.source,
    texts.record_id,
    texts.version_number,
    texts.line_ordinal,
    texts.place,
    texts.must_name_trade,
    {{ with_issuer_named('texts.note_text', 'filings.issuer_name') }} as note_text
from texts
inner join filings
    on {{ same_record_version('texts', 'filings') }}
where texts.note_text is not null
