{%- set blank = '[ \t\r\n\u00a0]' -%}
{%- set separators = '[,;/|&+]|(?:^|' ~ blank ~ ')(?:and|och|et|und)(?:' ~ blank ~ '|$)' -%}

with texts as (

    select
        *,
        {{ lower_text('raw_role') }} as lowered_role
    from {{ ref('int_role_texts') }}

),

rules as (

    select * from {{ ref('role_map') }}
    where version = {{ var('role_map_version') }}

),

parts as (

    {{ split_into_rows('texts', 'lowered_role', separators, ['role_key', 'lowered_role']) }}

),

normalized as (

    select distinct
        role_key,
        lowered_role,
        {{ normalize_text('part') }} as part
    from parts

),

of_parts as (

    select
        normalized.role_key,
        rules.rule_id,
        row_number() over (partition by normalized.role_key, normalized.part order by rules.precedence) as place,
        -- That somebody is close to an insider is said beside what that insider is.
        row_number() over (
            partition by normalized.role_key, normalized.part, rules.role = 'closely_associated' order by rules.precedence
        ) as place_among_alike
    from normalized
    inner join rules
        on (rules.match_kind = 'whole' and normalized.part = rules.pattern)
        or (rules.match_kind = 'phrase' and contains(' ' || normalized.part || ' ', ' ' || rules.pattern || ' '))
        or (rules.match_kind = 'contains' and contains(normalized.lowered_role, rules.pattern))
    where normalized.part <> ''

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

    select
        role_key,
        rule_id,
        min(place) = 1 as is_first
    from of_parts
    where place_among_alike = 1
    group by role_key, rule_id

    union all

    select
        role_key,
        rule_id,
        true as is_first
    from of_flags

)

select
    candidates.role_key,
    candidates.rule_id,
    candidates.is_first,
    rules.match_kind,
    rules.precedence,
    rules.role,
    rules.is_senior
from candidates
inner join rules on candidates.rule_id = rules.rule_id
