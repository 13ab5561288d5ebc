select
    rule_id,
    precedence,
    match_kind,
    pattern,
    role,
    is_senior
from {{ ref('role_map') }}
where
    version <= {{ var('role_map_version') }}
    and coalesce({{ var('role_map_version') }} < until_version, true)
