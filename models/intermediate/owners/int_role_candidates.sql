with texts as (

    select * from {{ ref('int_role_texts') }}

),

rules as (

    select * from {{ ref('int_role_rules') }}

),

parts as (

    select
        *,
        {{ normalize_text('lowered_role') }} as normalized_role
    from {{ ref('int_role_units') }}

),

of_parts as (

    select
        parts.role_key,
        rules.rule_id,
        row_number() over (partition by parts.role_key, parts.part_number order by rules.precedence) as place,
        -- That somebody is close to an insider is said beside what that insider is.
        row_number() over (
            partition by parts.role_key, parts.part_number, rules.role = 'closely_associated' order by rules.precedence
        ) as place_among_alike
    from parts
    inner join rules
        on case rules.match_kind
            when 'whole' then parts.part = rules.pattern
            when 'unit_area' then parts.part = rules.pattern and parts.unit_level > 0
            when 'issuer_head' then (parts.part || ' ') like rules.pattern || ' %' and parts.unit_level = 0
            when 'committee_chair' then parts.part = rules.pattern and parts.leads_committee
            when 'contains' then contains(parts.lowered_role, rules.pattern)
            when 'starts' then (parts.normalized_role || ' ') like rules.pattern || ' %'
            when 'ends' then (' ' || parts.normalized_role) like '% ' || rules.pattern
            else
                contains(' ' || parts.part || ' ', ' ' || rules.pattern || ' ')
                and (
                    rules.match_kind = 'phrase'
                    or (rules.match_kind = 'unit_head' and parts.heads_unit)
                    or (rules.match_kind = 'unit_chief' and parts.unit_level = 2)
                    or (rules.match_kind = 'unit_office' and parts.unit_level > 0)
                )
        end

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
