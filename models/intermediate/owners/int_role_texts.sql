with occurring as (

    select distinct
        raw_role,
        is_director,
        is_officer,
        is_ten_percent_owner,
        is_other
    from {{ ref('int_owner_versions') }}

)

select
    *,
    {{ fingerprint(['raw_role', 'is_director', 'is_officer', 'is_ten_percent_owner', 'is_other']) }} as role_key
from occurring
