with occurring as (

    select distinct raw_security_type
    from {{ ref('int_line_versions') }}
    where raw_security_type is not null

),

titles as (

    select
        raw_security_type,
        {{ normalize_text('raw_security_type') }} as security_type
    from occurring

),

raw_types as (

    select
        raw_security_type,
        security_type,
        {{ security_head('security_type') }} as head
    from titles

),

rules as (

    select * from {{ ref('security_type_map') }}
    where version = {{ var('mapping_versions')['security_type_map'] }}

),

matched as (

    select
        raw_types.raw_security_type,
        rules.rule_id,
        rules.version,
        rules.security_class
    from raw_types
    inner join rules
        on (rules.match_kind = 'whole' and raw_types.head = rules.pattern)
        or (rules.match_kind = 'phrase' and contains(' ' || raw_types.head || ' ', ' ' || rules.pattern || ' '))
        or (rules.match_kind = 'pattern' and {{ matches_pattern('raw_types.head', 'rules.pattern') }})
    qualify row_number() over (partition by raw_types.raw_security_type order by rules.precedence, rules.rule_id) = 1

)

select
    raw_types.raw_security_type,
    raw_types.security_type,
    matched.security_class,
    matched.rule_id as security_rule_id,
    matched.version as security_type_map_version
from raw_types
left join matched on raw_types.raw_security_type = matched.raw_security_type
