-- Lines that nothing else matches, and that share too little to be one trade but for a correction of its code, direction, date or security.
with pairs as (

    select * from {{ ref('int_amendment_line_pairs') }}

),

restated as (

    select * from {{ ref('int_restated_lines') }}

),

-- From when a line of either side is taken, be it in another filing of the same thread.
taken as (

    select
        source,
        record_id,
        version_number,
        line_ordinal,
        'amendment' as side,
        record_id as taken_by,
        min(known_from) as known_from
    from restated
    group by source, record_id, version_number, line_ordinal

    union all

    select
        source,
        amended_record_id as record_id,
        amended_version_number as version_number,
        amended_line_ordinal as line_ordinal,
        'amended' as side,
        record_id as taken_by,
        min(known_from) as known_from
    from restated
    group by source, amended_record_id, amended_version_number, amended_line_ordinal, record_id

),

lines as (

    select
        pairs.*,
        pairs.tells_of_a_correction or pairs.side = 'amended' as may_differ_in_all
    from pairs
    left join taken
        on pairs.source = taken.source
        and case when pairs.side = 'amendment' then pairs.record_id else pairs.amended_record_id end = taken.record_id
        and case when pairs.side = 'amendment' then pairs.version_number else pairs.amended_version_number end = taken.version_number
        and pairs.line_ordinal = taken.line_ordinal
        and pairs.side = taken.side
        and pairs.known_from >= taken.known_from
        and (pairs.record_id = taken.taken_by or pairs.known_from > taken.known_from)
    where
        taken.record_id is null
        and not pairs.is_added

),

{{ match_in_rounds('lines', [
    {'key': ['holding_kind', 'shares_owned_before']},
    {'key': ['is_derivative', 'shares', 'price']},
    {'key': ['is_derivative', 'shares']},
    {'key': ['is_derivative', 'transaction_date', 'price']},
    {'key': ['holding_kind', 'shares_owned_after']},
    {'key': ['is_derivative'], 'when': 'may_differ_in_all'}
]) }}

select * from matches
