with texts as (

    select
        *,
        coalesce(is_director, false) or coalesce(is_officer, false)
        or coalesce(is_ten_percent_owner, false) or coalesce(is_other, false) as has_flags
    from {{ ref('int_role_texts') }}

),

candidates as (

    select * from {{ ref('int_role_candidates') }}

),

taxonomy as (

    select * from {{ ref('roles') }}

),

-- Where a source states the relationship, a title only says which kind of officer; it makes nobody a board member.
admitted as (

    select candidates.*
    from candidates
    inner join texts on candidates.role_key = texts.role_key
    where
        candidates.match_kind in ('flag', 'contains')
        or not texts.has_flags
        or (
            coalesce(texts.is_officer, false)
            and (
                candidates.role not in ('director', 'executive_director', 'non_executive_director')
                or coalesce(texts.is_director, false)
            )
        )

),

own_roles as (

    select admitted.*
    from admitted
    left join taxonomy on admitted.role = taxonomy.role
    where admitted.role <> 'closely_associated'
    qualify row_number() over (
        partition by admitted.role_key
        order by admitted.is_senior desc, taxonomy.seniority nulls last, admitted.precedence, admitted.rule_id
    ) = 1

),

associations as (

    select *
    from admitted
    where role = 'closely_associated'
    qualify row_number() over (partition by role_key order by precedence, rule_id) = 1

)

select
    texts.role_key,
    texts.raw_role,
    coalesce(associations.role, own_roles.role) as role,
    coalesce(own_roles.is_senior, false) as is_senior,
    coalesce(associations.rule_id, own_roles.rule_id) as role_rule_id
from texts
left join own_roles on texts.role_key = own_roles.role_key
left join associations on texts.role_key = associations.role_key
