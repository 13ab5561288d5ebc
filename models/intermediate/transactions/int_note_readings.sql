with phrases as (

    select * from {{ ref('placement_phrases') }}
    where version = {{ var('mapping_versions')['placement_phrases'] }}

),

texts as (

    select
        note_text,
        must_name_trade,
        {{ readable_note('note_text') }} as note
    from {{ ref('int_line_texts') }}
    group by note_text, must_name_trade

),

sentences as (

    {{ split_into_rows('texts', 'note', '[.;!?][")]* +|\n', ['note_text', 'must_name_trade']) }}

),

parts as (

    select
        note_text,
        must_name_trade,
        'notes' as scope,
        note as part
    from texts

    union all

    select
        note_text,
        must_name_trade,
        'sentence' as scope,
        part
    from sentences

),

-- A part that many filings have in common is read once.
distinct_parts as (

    select distinct
        scope,
        part
    from parts

),

said as (

    select
        distinct_parts.scope,
        distinct_parts.part,
        phrases.rule_id,
        phrases.precedence,
        phrases.reason,
        {{ extract_pattern('distinct_parts.part', 'phrases.pattern') }} as phrase
    from distinct_parts
    inner join phrases
        on distinct_parts.scope = phrases.scope
        and {{ says_phrase('distinct_parts.part', 'phrases.rule_id') }}

),

weighed as (

    select
        {% for reason in ['other_statement', 'this_trade', 'another_trade'] -%}
        max(case when reason = '{{ reason }}' then 1 else 0 end) over (partition by scope, part) = 1 as has_{{ reason }},
        {% endfor -%}
        *
    from said

)

select
    parts.note_text,
    parts.must_name_trade,
    weighed.rule_id,
    weighed.reason,
    weighed.phrase
from parts
inner join weighed
    on parts.scope = weighed.scope
    and parts.part = weighed.part
where
    weighed.reason not in ('other_statement', 'this_trade', 'another_trade')
    and (weighed.reason in ('open_market', 'several_trades') or not weighed.has_other_statement)
    and (not parts.must_name_trade or (weighed.has_this_trade and not weighed.has_another_trade))
qualify row_number() over (partition by parts.note_text, parts.must_name_trade order by weighed.precedence, weighed.rule_id, parts.part) = 1
