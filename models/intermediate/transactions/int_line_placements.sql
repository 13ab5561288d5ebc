with texts as (

    select * from {{ ref('int_line_texts') }}

),

readings as (

    select * from {{ ref('int_note_readings') }}

),

companions as (

    select * from {{ ref('int_line_companions') }}
    where is_one_for_one

),

titles as (

    select * from {{ ref('placement_phrases') }}
    where
        version = {{ var('mapping_versions')['placement_phrases'] }}
        and scope = 'companion'

),

statements as (

    select
        texts.source,
        texts.record_id,
        texts.version_number,
        texts.line_ordinal,
        texts.place,
        readings.rule_id,
        readings.reason,
        readings.phrase
    from texts
    inner join readings
        on texts.note_text = readings.note_text
        and texts.must_name_trade = readings.must_name_trade

    union all

    select
        companions.source,
        companions.record_id,
        companions.version_number,
        companions.line_ordinal,
        5 as place,
        titles.rule_id,
        titles.reason,
        companions.security_title as phrase
    from companions
    inner join titles on {{ matches_pattern('companions.security_title', 'titles.pattern') }}

),

ranked as (

    select
        *,
        max(case when place = 1 and reason in ('open_market', 'several_trades') then 1 else 0 end) over (
            partition by source, record_id, version_number, line_ordinal
        ) as is_on_market
    from statements

)

select
    source,
    record_id,
    version_number,
    line_ordinal,
    rule_id as placement_rule_id,
    phrase as placement_phrase
from ranked
where
    is_on_market = 0
    and reason not in ('open_market', 'several_trades')
    -- Reinvestments and plans are told of the holding as well: only the line's own notes say them of the trade.
    and (place = 1 or reason in ('placement', 'allocation', 'transfer'))
qualify row_number() over (partition by source, record_id, version_number, line_ordinal order by place, rule_id, phrase) = 1
