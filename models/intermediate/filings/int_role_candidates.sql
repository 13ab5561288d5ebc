{%- set separators = '[,;/|&+]|( (and|och|et|und) )' -%}

with texts as (

    select * from {{ ref('int_role_texts') }}

),

rules as (

    select * from {{ ref('role_map') }}
    where version = {{ var('role_map_version') }}

),

parts as (

    {{ split_into_rows('texts', 'raw_role', separators, ['role_key']) }}

),

normalized as (

    select distinct
        role_key,
        {{ normalize_text('part') }} as part
    from parts

),

-- The rule with the lowest precedence speaks for a part; that somebody is close to an insider is said beside what that insider is.
of_parts as (

    select
        normalized.role_key,
        rules.rule_id
    from normalized
    inner join rules
        on (rules.match_kind = 'whole' and normalized.part = rules.pattern)
        or (rules.match_kind = 'phrase' and contains(' ' || normalized.part || ' ', ' ' || rules.pattern || ' '))
    qualify row_number() over (
        partition by normalized.role_key, normalized.part, rules.role = 'closely_associated'
        order by rules.precedence, rules.rule_id
    ) = 1

),

of_texts as (

    select
        texts.role_key,
        rules.rule_id
    from texts
    inner join rules
        on rules.match_kind = 'contains'
        and contains(lower(texts.raw_role), rules.pattern)

),

of_flags as (

    select
        texts.role_key,
        rules.rule_id
    from texts
    inner join rules
        on rules.match_kind = 'flag'
        and (
            (rules.pattern = 'director' and texts.is_director)
            or (rules.pattern = 'officer' and texts.is_officer)
            or (rules.pattern = 'ten_percent_owner' and texts.is_ten_percent_owner)
            or (rules.pattern = 'other' and texts.is_other)
        )

),

candidates as (

    select * from of_parts
    union
    select * from of_texts
    union
    select * from of_flags

)

select
    candidates.role_key,
    rules.rule_id,
    rules.match_kind,
    rules.precedence,
    rules.role,
    rules.is_senior
from candidates
inner join rules on candidates.rule_id = rules.rule_id
