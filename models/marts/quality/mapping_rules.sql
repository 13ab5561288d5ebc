with rules as (

    select
        'role_map' as seed,
        version,
        rule_id,
        match_kind,
        pattern,
        role as meaning,
        is_senior,
        reference
    from {{ ref('role_map') }}

    union all

    select
        'transaction_type_map' as seed,
        version,
        source || ':' || raw_code as rule_id,
        'whole' as match_kind,
        raw_code as pattern,
        transaction_type || ', ' || direction as meaning,
        cast(null as boolean) as is_senior,
        official_text || ' (' || reference || ')' as reference
    from {{ ref('transaction_type_map') }}

    union all

    select
        'security_type_map' as seed,
        version,
        rule_id,
        match_kind,
        pattern,
        security_class as meaning,
        cast(null as boolean) as is_senior,
        reference
    from {{ ref('security_type_map') }}

    union all

    select
        'placement_phrases' as seed,
        version,
        rule_id,
        scope as match_kind,
        pattern,
        reason as meaning,
        cast(null as boolean) as is_senior,
        note as reference
    from {{ ref('placement_phrases') }}

)

select
    seed,
    version,
    rule_id,
    match_kind,
    pattern,
    meaning,
    is_senior,
    reference
from rules
