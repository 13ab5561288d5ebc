{{ config(materialized=kept()) }}

{%- set record_columns = [
    'form_type', 'issuer_id', 'issuer_name', 'ticker', 'filing_date', 'raw_date_of_original_submission',
    'case when filing_date is null then raw_filing_date end'
] %}
{%- set owner_columns = ['insider_id', 'insider_name', 'raw_role', 'is_director', 'is_officer', 'is_ten_percent_owner', 'is_other'] %}
{%- set line_columns = [
    'is_readable', 'is_derivative', 'raw_transaction_type', 'raw_acquired_disposed', 'raw_ownership_nature', 'raw_security_type', 'footnotes',
    'transaction_date', 'shares', 'price', 'value', 'is_planned'
] %}
{%- for column in ['transaction_date', 'shares', 'price', 'value'] %}
{%- do line_columns.append('case when ' ~ column ~ ' is null then raw_' ~ column ~ ' end') %}
{%- endfor %}

with records as (

    select
        *,
        {{ fingerprint(record_columns) }} as record_meaning
    from {{ ref('stg_sec_edgar__records') }}
    where {{ of_new_loads() }}

),

owners as (

    select
        *,
        {{ fingerprint(owner_columns) }} as owner_meaning
    from {{ ref('stg_sec_edgar__owners') }}
    where {{ of_new_loads() }}

),

lines as (

    select
        *,
        {{ fingerprint(line_columns) }} as line_meaning
    from {{ ref('stg_sec_edgar__lines') }}
    where {{ of_new_loads() }}

),

owners_of_record as (

    select
        archive,
        content_hash,
        {{ ordered_list('owner_meaning', 'owner_meaning') }} as owner_meanings
    from owners
    group by archive, content_hash

),

lines_of_record as (

    select
        archive,
        content_hash,
        {{ ordered_list('line_meaning', 'line_ordinal') }} as line_meanings
    from lines
    group by archive, content_hash

)

select
    records.content_hash,
    records.load_id,
    cast(null as timestamp) as published_at,
    records.accepted_at,
    cast(null as timestamp) as created_at,
    cast(null as timestamp) as updated_at,
    {{ fingerprint(['records.record_meaning', 'owners_of_record.owner_meanings', 'lines_of_record.line_meanings']) }} as meaning
from records
left join owners_of_record
    on records.archive = owners_of_record.archive
    and records.content_hash = owners_of_record.content_hash
left join lines_of_record
    on records.archive = lines_of_record.archive
    and records.content_hash = lines_of_record.content_hash
