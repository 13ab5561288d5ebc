with notes as (

    select distinct footnotes
    from {{ ref('int_line_trades') }}
    where
        footnotes is not null
        and direction = 'buy'

),

phrases as (

    select * from {{ ref('placement_phrases') }}
    where version = {{ var('mapping_versions')['placement_phrases'] }}

)

select
    notes.footnotes,
    phrases.rule_id as placement_rule_id,
    phrases.reason as placement_reason,
    {{ extract_pattern('lower(notes.footnotes)', 'phrases.pattern') }} as placement_phrase
from notes
inner join phrases on {{ matches_pattern('lower(notes.footnotes)', 'phrases.pattern') }}
qualify row_number() over (partition by notes.footnotes order by phrases.rule_id) = 1
