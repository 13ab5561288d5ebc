with parts as (

    select * from {{ ref('int_role_readings') }}

),

rules as (

    select * from {{ ref('int_role_rules') }}
    where match_kind = 'unit_head'

),

-- A vice president heads nothing.
head_parts as (

    select distinct
        parts.role_key,
        parts.part_number
    from parts
    inner join rules on contains(' ' || parts.part || ' ', ' ' || rules.pattern || ' ')
    where not contains(' ' || parts.part || ' ', ' vice ')

),

marked as (

    select
        parts.*,
        head_parts.role_key is not null as is_head
    from parts
    left join head_parts
        on parts.role_key = head_parts.role_key
        and parts.part_number = head_parts.part_number

),

grouped as (

    -- A semicolon or a bar before another head begins another title.
    select
        *,
        sum(case when is_head and is_apart then 1 else 0 end) over (partition by role_key order by part_number) as title_number
    from marked

),

placed as (

    select
        *,
        case
            when has_office and unit_level = 0 and lead(is_set_off and not has_office) over (partition by role_key order by part_number)
                then lead(unit_level) over (partition by role_key order by part_number)
            else unit_level
        end as own_unit_level,
        coalesce(lead(is_set_off and is_committee) over (partition by role_key order by part_number), false) as leads_committee,
        -- Heads that stand in a row, `President & CEO`, share what stands behind the last of them.
        min(case when not is_head or unit_level > 0 then part_number end) over (
            partition by role_key, title_number order by part_number rows between current row and unbounded following
        ) as end_of_row
    from grouped

)

select
    placed.role_key,
    placed.lowered_role,
    placed.part_number,
    placed.part,
    placed.own_unit_level as unit_level,
    placed.leads_committee,
    placed.is_head and coalesce(ends.unit_level > 0 and (ends.is_head or (ends.is_set_off and not ends.has_office)), false) as heads_unit
from placed
left join placed as ends
    on placed.role_key = ends.role_key
    and placed.end_of_row = ends.part_number
