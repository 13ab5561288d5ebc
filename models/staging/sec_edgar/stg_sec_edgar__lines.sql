{{ config(materialized='table') }}

{%- set is_acquisition = "lower(fields.acquired_disposed) = 'a'" %}
{%- set is_purchase = is_acquisition ~ " and lower(fields.transaction_type) = 'p'" %}

with table_rows as (

    select * from {{ ref('stg_sec_edgar__table_rows') }}
    where row_type <> 'holding'

),

records as (

    select * from {{ ref('stg_sec_edgar__records') }}

),

footnotes as (

    select
        archive,
        content_hash,
        line_ordinal,
        noted_on,
        {{ ordered_list('footnote', 'length(footnote_id), footnote_id', '\n') }} as footnotes
    from {{ ref('stg_sec_edgar__line_footnotes') }}
    group by archive, content_hash, line_ordinal, noted_on

),

fields as (

    {% for archive in sec_archives() -%}
    {%- set fields = sec_fields(archive, 'line') -%}
    select
        archive,
        content_hash,
        row_ordinal as line_ordinal,
        is_readable,
        is_derivative,
        {{ json_field_columns(fields) }}
    from (
        select
            *,
            row_type = 'transaction' as is_readable,
            {{ json_field_texts('element', fields) }} as texts
        from table_rows
        where archive = '{{ archive }}'
    ) as extracted
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    fields.archive,
    fields.content_hash,
    fields.line_ordinal,
    case when not fields.is_readable then 'row_of_no_known_kind' end as unreadable_reason,
    cast(null as string) as raw_line_number,
    fields.line_ordinal as line_number,
    fields.is_derivative,
    fields.transaction_type as raw_transaction_type,
    fields.acquired_disposed as raw_acquired_disposed,
    cast(null as string) as raw_currency,
    fields.ownership_nature as raw_ownership_nature,
    fields.security_type as raw_security_type,
    footnotes.footnotes,
    ownership_notes.footnotes as ownership_notes,
    records.remarks,
    coalesce({{ parse_boolean('fields.is_equity_swap') }}, false) as is_equity_swap,
    fields.transaction_date as raw_transaction_date,
    {{ parse_date('fields.transaction_date') }} as transaction_date,
    fields.shares as raw_shares,
    {{ parse_decimal('fields.shares', 20) }} as shares,
    fields.price as raw_price,
    {{ parse_decimal('fields.price', 18) }} as price,
    fields.value as raw_value,
    {{ parse_decimal('fields.value', 28) }} as value,
    {{ parse_decimal('fields.shares_owned_after', 20) }} as shares_owned_after,
    -- Words know more than the box, which asks for plans since 2023 alone and whose answer is often left as it was. An exercise may bear the note
    -- of the sale that it is for.
    coalesce(
        {{ plan_told('footnotes.footnotes', is_purchase) }},
        {{ plan_told('ownership_notes.footnotes', is_purchase) }},
        {{ plan_told('records.remarks', is_acquisition) }},
        records.is_planned
    ) as is_planned,
    cast(null as boolean) as is_linked_to_share_programme,
    {{ unreadable_flags({'is_equity_swap': 'fields.is_equity_swap', 'is_10b5_1': 'records.is_10b5_1'}) }} as unreadable_flags
from fields
inner join records
    on fields.archive = records.archive
    and fields.content_hash = records.content_hash
left join footnotes
    on fields.archive = footnotes.archive
    and fields.content_hash = footnotes.content_hash
    and fields.line_ordinal = footnotes.line_ordinal
    and footnotes.noted_on = 'trade'
left join footnotes as ownership_notes
    on fields.archive = ownership_notes.archive
    and fields.content_hash = ownership_notes.content_hash
    and fields.line_ordinal = ownership_notes.line_ordinal
    and ownership_notes.noted_on = 'ownership'
