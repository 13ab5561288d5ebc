-- Lines of an amendment and lines that they could restate: of one day, code, direction and security, with the same shares or the same price.
with links as (

    select * from {{ ref('int_dated_amendment_links') }}

),

linked as (

    select
        source,
        record_id
    from links
    union
    select
        source,
        amended_record_id as record_id
    from links

),

lines as (

    select
        lines.source,
        lines.record_id,
        lines.version_number,
        lines.line_ordinal,
        lines.shares,
        lines.price,
        {{ fingerprint(['lines.shares', 'lines.price']) }} as amounts,
        {{ fingerprint([
            'lines.transaction_date', 'lines.raw_transaction_type', 'lines.raw_acquired_disposed', 'lines.is_derivative',
            normalize_text('lines.raw_security_type')
        ]) }} as trade_kind
    from {{ ref('int_line_versions') }} as lines
    inner join linked
        on lines.source = linked.source
        and lines.record_id = linked.record_id

),

candidates as (

    select
        links.*,
        lines.line_ordinal,
        amended.line_ordinal as amended_line_ordinal,
        lines.amounts = amended.amounts as is_identical
    from links
    inner join lines
        on links.source = lines.source
        and links.record_id = lines.record_id
        and links.version_number = lines.version_number
    inner join lines as amended
        on links.source = amended.source
        and links.amended_record_id = amended.record_id
        and links.amended_version_number = amended.version_number
        and lines.trade_kind = amended.trade_kind
    where
        lines.shares = amended.shares
        or lines.price = amended.price
        or lines.amounts = amended.amounts

),

-- Among several lines that a line could restate, those that say the same are meant before those that share one number with it: of
-- those known by then, since what is found later changes nothing before it.
judged as (

    select
        *,
        bool_or(is_identical) over (
            partition by source, record_id, version_number, line_ordinal, amended_group, amended_version_number
            order by known_from
        ) as has_identical_choice,
        bool_or(is_identical) over (
            partition by source, record_id, version_number, amended_record_id, amended_version_number, amended_line_ordinal
        ) as is_identical_choice
    from candidates

),

preferred as (

    select *
    from judged
    where
        is_identical
        or not (has_identical_choice or is_identical_choice)

)

select
    *,
    count(*) over (
        partition by source, record_id, version_number, line_ordinal, amended_group, amended_version_number
        order by known_from
    ) as amended_choices,
    count(*) over (
        partition by source, record_id, version_number, amended_record_id, amended_version_number, amended_line_ordinal
    ) as amendment_choices
from preferred
