with phrases as (

    select * from {{ ref('placement_phrases') }}
    where version = {{ var('mapping_versions')['placement_phrases'] }}

),

texts as (

    select
        note_text,
        {{ readable_note('note_text') }} as note
    from {{ ref('int_line_texts') }}
    group by note_text

),

sentences as (

    {{ split_into_rows('texts', 'note', '[.;!?][")]* +|\n', ['note_text']) }}

),

parts as (

    select
        note_text,
        'notes' as scope,
        note as part
    from texts

    union all

    select
        note_text,
        'sentence' as scope,
        part
    from sentences
    where {{ may_tell_of_a_placement('part') }}

),

distinct_parts as (

    select distinct
        scope,
        part
    from parts

),

-- A part that many filings have in common is read once: a pattern from a table costs as much as forty constant ones.
matched as (

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
        and phrases.reason <> 'other_statement'
        and {{ matches_pattern('distinct_parts.part', 'phrases.pattern') }}
        and {{ matches_pattern('distinct_parts.part', "coalesce(phrases.context, '')") }}

),

of_something_else as (

    select distinct
        matched.scope,
        matched.part
    from matched
    inner join phrases
        on matched.scope = phrases.scope
        and phrases.reason = 'other_statement'
        and {{ matches_pattern('matched.part', 'phrases.pattern') }}

)

select
    parts.note_text,
    matched.rule_id,
    matched.reason,
    matched.phrase
from parts
inner join matched
    on parts.scope = matched.scope
    and parts.part = matched.part
left join of_something_else
    on parts.scope = of_something_else.scope
    and parts.part = of_something_else.part
where of_something_else.part is null
qualify row_number() over (partition by parts.note_text order by matched.precedence, matched.rule_id, parts.part) = 1
