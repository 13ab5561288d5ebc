{{ config(materialized='table') }}

{%- set word = '(Director|Officer|TenPercentOwner|Other)' %}
{%- set is_list_of_words = matches_pattern('read_owners.relationship', "'^" ~ word ~ '(,' ~ word ~ ")*$'") %}
{%- set unknown_relationship = 'case when not ' ~ is_list_of_words ~ ' then read_owners.relationship end' %}

with payloads as (

    select * from {{ ref('stg_sec_edgar__payloads') }}

),

records as (

    select * from {{ ref('stg_sec_edgar__records') }}

),

read_owners as (

    {% for archive in sec_archives() -%}
    {%- set fields = sec_fields(archive, 'owner') -%}
    select
        archive,
        content_hash,
        {{ json_field_columns(fields) }}
    from (
        select
            *,
            {{ json_field_texts('element', fields) }} as texts
        from (
            {{ json_elements('payloads', 'payload', [json_path(sec_fields(archive, 'tables')['owners'])], ['archive', 'content_hash']) }}
        ) as elements
        where archive = '{{ archive }}'
    ) as extracted
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

fields as (

    -- The data sets list the boxes that are ticked; a box that EDGAR's document leaves out is not.
    select
        read_owners.archive,
        read_owners.content_hash,
        read_owners.owner_cik,
        read_owners.owner_name,
        read_owners.officer_title,
        read_owners.other_text,
        {{ ticked_box('is_director', 'Director') }} as is_director,
        {{ ticked_box('is_officer', 'Officer') }} as is_officer,
        {{ ticked_box('is_ten_percent_owner', 'TenPercentOwner') }} as is_ten_percent_owner,
        {{ ticked_box('is_other', 'Other') }} as is_other,
        {{ unreadable_flags({
            'is_director': 'read_owners.is_director', 'is_officer': 'read_owners.is_officer',
            'is_ten_percent_owner': 'read_owners.is_ten_percent_owner', 'is_other': 'read_owners.is_other', 'relationship': unknown_relationship
        }) }} as unreadable_flags
    from read_owners

),

titled as (

    select
        fields.*,
        records.remarks,
        coalesce({{ matches_pattern("lower(fields.officer_title)", "'(^|[^a-z])remarks?([^a-z]|$)'") }}, false) as is_title_in_remarks
    from fields
    inner join records
        on fields.archive = records.archive
        and fields.content_hash = records.content_hash

),

resolved as (

    -- The remarks of a filing can speak of only one owner's title.
    select
        *,
        coalesce(
            case
                when
                    is_title_in_remarks
                    and sum(case when is_title_in_remarks then 1 else 0 end) over (partition by archive, content_hash) = 1
                    then {{ title_in_remarks('remarks') }}
            end,
            officer_title
        ) as title
    from titled

)

select distinct
    archive,
    content_hash,
    {{ clean_cik('owner_cik') }} as insider_id,
    owner_name as insider_name,
    cast(null as string) as unreadable_names,
    case when title is null or other_text is null then coalesce(title, other_text) else title || '; ' || other_text end as raw_role,
    is_director,
    is_officer,
    is_ten_percent_owner,
    is_other,
    unreadable_flags
from resolved
