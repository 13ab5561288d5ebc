with texts as (

    select * from {{ ref('int_role_texts') }}

),

candidates as (

    select
        *,
        max(case when match_kind = 'flag' then 1 else 0 end) over (partition by role_key) = 1 as has_flags,
        -- From version 3 on: whose title names former offices alone holds none, whatever box is ticked.
        {{ var('role_map_version') }} >= 3
        and coalesce(
            min(case when match_kind <> 'flag' and is_first then case when role = 'former' then 1 else 0 end end) over (partition by role_key) = 1,
            false
        ) as is_former
    from {{ ref('int_role_candidates') }}

),

taxonomy as (

    select * from {{ ref('roles') }}

),

-- Where a source states the relationship, a title says which kind of officer it is and who of the board chairs it; it makes nobody a board member.
admitted as (

    select
        candidates.*,
        taxonomy.seniority
    from candidates
    inner join taxonomy on candidates.role = taxonomy.role
    inner join texts on candidates.role_key = texts.role_key
    where
        not (candidates.is_former and candidates.match_kind = 'flag' and candidates.role in ('officer', 'other'))
        and (
            candidates.match_kind = 'flag'
            or not candidates.has_flags
            or (candidates.is_first and candidates.is_former)
            or (
                candidates.is_first
                and candidates.role = 'chair'
                and coalesce(texts.is_director, false)
                and {{ var('role_map_version') }} >= 3
            )
            or (
                candidates.is_first
                and candidates.role <> 'closely_associated'
                and coalesce(texts.is_officer, false)
                and (
                    coalesce(texts.is_director, false)
                    or candidates.role not in ('director', 'executive_director', 'non_executive_director')
                )
            )
        )

),

own_roles as (

    select *
    from admitted
    where role <> 'closely_associated'
    qualify row_number() over (partition by role_key order by is_senior desc, seniority asc, precedence asc) = 1

),

associations as (

    select *
    from admitted
    where
        role = 'closely_associated'
        and is_first
    qualify row_number() over (partition by role_key order by precedence) = 1

)

select
    texts.role_key,
    texts.raw_role,
    coalesce(associations.role, own_roles.role) as role,
    coalesce(associations.seniority, own_roles.seniority) as seniority,
    coalesce(own_roles.is_senior, false) as is_senior,
    coalesce(associations.rule_id, own_roles.rule_id) as role_rule_id
from texts
left join own_roles on texts.role_key = own_roles.role_key
left join associations on texts.role_key = associations.role_key
