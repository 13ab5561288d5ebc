-- Lines that nothing else matches, and that share too little to be one trade but for a correction of its code, direction, date or security.
with linked as (

    select * from {{ ref('int_linked_lines') }}

),

-- From when a line of either side is taken, be it in another filing of the same thread.
taken as (

    select
        line_version_id,
        side,
        amending_record_id,
        min(known_from) as taken_from
    from {{ ref('int_restated_lines') }}
    group by line_version_id, side, amending_record_id

),

lines as (

    select
        linked.*,
        linked.tells_of_a_correction or linked.side = 'amended' as may_differ_in_all
    from linked
    left join taken
        on linked.line_version_id = taken.line_version_id
        and linked.side = taken.side
        and linked.known_from >= taken.taken_from
        and (linked.amending_record_id = taken.amending_record_id or linked.known_from > taken.taken_from)
    where
        taken.line_version_id is null
        and not linked.is_added

),

{{ match_in_rounds('lines', [
    {'key': ['holding_kind', 'shares_owned_before']},
    {'key': ['is_derivative', 'shares', 'price']},
    {'key': ['is_derivative', 'shares']},
    {'key': ['is_derivative', 'transaction_date', 'price']},
    {'key': ['holding_kind', 'shares_owned_after']},
    {'key': ['is_derivative'], 'when': 'may_differ_in_all'}
]) }}

select * from matched
