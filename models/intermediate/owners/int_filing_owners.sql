with owners as (

    select
        *,
        {{ fingerprint(['raw_role', 'is_director', 'is_officer', 'is_ten_percent_owner', 'is_other']) }} as role_key
    from {{ ref('int_owner_versions') }}

),

roles as (

    select * from {{ ref('int_roles') }}

),

mapped as (

    select
        owners.*,
        roles.role,
        roles.seniority,
        roles.is_senior,
        roles.role_rule_id,
        {{ normalize_name('owners.insider_name') }} as normalized_name,
        coalesce(owners.is_director, owners.is_officer, owners.is_ten_percent_owner, owners.is_other) is not null as has_flags,
        coalesce(owners.is_director, false) or coalesce(owners.is_officer, false) as is_flagged_insider,
        coalesce(owners.is_ten_percent_owner, false) or coalesce(owners.is_other, false) as is_flagged_owner
    from owners
    inner join roles on owners.role_key = roles.role_key

),

classified as (

    select
        *,
        case
            when has_flags then is_flagged_insider
            else coalesce(role not in ('ten_percent_owner', 'other', 'closely_associated', 'former'), false)
        end as is_director_or_officer,
        case
            when is_flagged_owner then not is_flagged_insider
            else coalesce(role = 'ten_percent_owner', false)
        end as is_owner_only
    from mapped

)

select
    source,
    record_id,
    version_number,
    insider_id,
    insider_name,
    unreadable_names,
    unreadable_flags,
    normalized_name,
    raw_role,
    role,
    seniority,
    is_senior,
    role_rule_id,
    is_director,
    is_officer,
    is_ten_percent_owner,
    is_other,
    is_director_or_officer,
    is_owner_only,
    cast(row_number() over (
        partition by source, record_id, version_number
        order by is_director_or_officer desc, insider_id asc nulls last, insider_name asc nulls last, role_key asc, unreadable_names asc
    ) as bigint) as owner_rank
from classified
