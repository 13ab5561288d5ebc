-- The one filing that a dated amendment amends; all that it may amend where none of them is the one. Chosen once: on the first day on
-- which a filing fits, from those known by its end.
{%- set likeness = 'resemblance_rank asc, lines_of_one_holding desc, abs(line_count - amended_line_count) asc, amended_filed_at desc, '
    ~ 'is_amended_amendment desc' %}

with fitting as (

    select
        *,
        case link_basis when 'original_date' then 1 when 'signing_date' then 2 else 3 end as basis_rank,
        case
            when equal_lines > 0 and greatest(line_count, amended_line_count) - equal_lines <= 1 then 1
            when equal_lines > 0 then 2
            when lines_of_one_holding > 0 then 3
            when lines_of_equal_shares > 0 then 4
            when lines_of_equal_price > 0 then 5
            else 6
        end as resemblance_rank
    from {{ ref('int_dated_amendment_resemblances') }}
    where
        link_basis in ('original_date', 'signing_date')
        or (equal_lines > 0 and equal_lines = line_count and equal_lines = amended_line_count)

),

first_day as (

    select *
    from fitting
    qualify {{ moment_date('known_from') }} = min({{ moment_date('known_from') }}) over (partition by source, record_id, version_number)

),

of_first_basis as (

    select *
    from first_day
    qualify
        basis_rank = min(basis_rank) over (partition by source, record_id, version_number)
        and amended_version_number = max(amended_version_number) over (partition by source, record_id, version_number, amended_record_id)

),

ranked as (

    select
        *,
        sum(case when is_amended_amendment then 0 else 1 end) over (partition by source, record_id, version_number) as originals,
        max(known_from) over (partition by source, record_id, version_number) as chosen_from,
        row_number() over (
            partition by source, record_id, version_number order by {{ likeness }}, amended_record_id desc
        ) as choice_number,
        rank() over (partition by source, record_id, version_number order by {{ likeness }}) as choice_rank
    from of_first_basis

),

judged as (

    select
        *,
        -- Without two originals there is only one thing to amend.
        originals > 1 and sum(case when choice_rank = 1 then 1 else 0 end) over (partition by source, record_id, version_number) > 1 as is_undecided
    from ranked
    where basis_rank = 1 or originals <= 1

)

select
    source,
    record_id,
    version_number,
    amended_record_id,
    amended_filed_at || ' ' || amended_record_id as amended_place,
    is_amended_amendment,
    link_basis,
    is_undecided,
    chosen_from as known_from
from judged
where is_undecided or choice_number = 1
