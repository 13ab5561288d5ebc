{{ config(materialized='ephemeral') }}

with lines as (

    select * from {{ ref('stg_sec_edgar__table_rows') }}
    where row_type = 'transaction'

),

payloads as (

    select * from {{ ref('stg_sec_edgar__payloads') }}

),

-- What is noted on the holding after the trade is not said of the trade; what is noted on the nature of ownership may be.
noted as (

    {% for archive in sec_archives() -%}
    {%- set last_archive = loop.last -%}
    {%- for noted_on in ['trade', 'ownership'] -%}
    {%- set paths = sec_fields(archive, 'noted' if noted_on == 'trade' else 'noted_on_ownership') -%}
    select
        archive,
        content_hash,
        row_ordinal as line_ordinal,
        '{{ noted_on }}' as noted_on,
        {% for path in paths -%}
        coalesce({{ list_item('texts', loop.index0) }}, ''){{ " || ',' || " if not loop.last }}
        {%- endfor %} as footnote_ids
    from (
        select
            *,
            {{ json_texts('element', json_field_paths({'noted': paths})) }} as texts
        from lines
        where archive = '{{ archive }}'
    ) as extracted
    {{ 'union all' if not (loop.last and last_archive) }}
    {% endfor -%}
    {% endfor %}

),

identified as (

    -- From EDGAR the ids come as [{"id": "F1"}], from the data sets as F1, F2.
    select
        archive,
        content_hash,
        line_ordinal,
        noted_on,
        {{ replace_pattern("replace(footnote_ids, '\"id\":', '')", '[^A-Za-z0-9,]+', '') }} as footnote_ids
    from noted

),

referenced as (

    {{ split_into_rows('identified', 'footnote_ids', ',+', ['archive', 'content_hash', 'line_ordinal', 'noted_on']) }}

),

footnotes as (

    {% for archive in sec_archives() -%}
    {%- set fields = sec_fields(archive, 'footnote') -%}
    select
        archive,
        content_hash,
        {{ json_field_columns(fields) }}
    from (
        select
            *,
            {{ json_field_texts('element', fields) }} as texts
        from (
            {{ json_elements('payloads', 'payload', [json_path(sec_fields(archive, 'tables')['footnotes'])], ['archive', 'content_hash']) }}
        ) as elements
        where archive = '{{ archive }}'
    ) as extracted
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select distinct
    referenced.archive,
    referenced.content_hash,
    referenced.line_ordinal,
    referenced.noted_on,
    footnotes.footnote_id,
    footnotes.footnote
from referenced
inner join footnotes
    on referenced.archive = footnotes.archive
    and referenced.content_hash = footnotes.content_hash
    and referenced.part = footnotes.footnote_id
where footnotes.footnote is not null
