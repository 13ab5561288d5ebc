{{ config(materialized=kept()) }}

{%- set record_columns = [
    'filing_id', 'issuer_id', 'issuer_name', 'ticker', 'market', 'amends_id', 'raw_status', 'filing_date',
    'case when filing_date is null then raw_filing_date end'
] %}
{%- set owner_columns = [
    'insider_id', 'insider_name', 'raw_role', 'is_director', 'is_officer', 'is_ten_percent_owner', 'is_other', 'unreadable_flags'
] %}
{%- set line_columns = [
    'is_readable', 'raw_line_number', 'raw_transaction_type', 'raw_acquired_disposed', 'raw_currency', 'raw_ownership_nature',
    'raw_security_type', 'footnotes', 'transaction_date', 'shares', 'price', 'value', 'is_derivative', 'is_planned', 'is_linked_to_share_programme'
] %}
{%- for column in ['transaction_date', 'shares', 'price', 'value', 'is_derivative', 'is_planned', 'is_linked_to_share_programme'] %}
{%- do line_columns.append('case when ' ~ column ~ ' is null then raw_' ~ column | replace('is_linked', 'linked') ~ ' end') %}
{%- endfor %}

with records as (

    select
        *,
        {{ fingerprint(record_columns) }} as record_meaning
    from {{ ref('stg_filings_api__records') }}
    where {{ of_new_loads() }}

),

owners as (

    select
        *,
        {{ fingerprint(owner_columns) }} as owner_meaning
    from {{ ref('stg_filings_api__owners') }}
    where {{ of_new_loads() }}

),

lines as (

    select
        *,
        {{ fingerprint(line_columns) }} as line_meaning
    from {{ ref('stg_filings_api__lines') }}
    where {{ of_new_loads() }}

),

owners_of_record as (

    -- Owners are a set: a feed that lists them in another order says nothing new.
    select
        content_hash,
        {{ ordered_list('owner_meaning', 'owner_meaning') }} as owner_meanings
    from owners
    group by content_hash

),

lines_of_record as (

    select
        content_hash,
        {{ ordered_list('line_meaning', 'line_ordinal') }} as line_meanings
    from lines
    group by content_hash

)

select
    records.content_hash,
    records.load_id,
    records.published_at,
    records.accepted_at,
    records.created_at,
    records.updated_at,
    {{ fingerprint(['records.record_meaning', 'owners_of_record.owner_meanings', 'lines_of_record.line_meanings']) }} as meaning
from records
left join owners_of_record on records.content_hash = owners_of_record.content_hash
left join lines_of_record on records.content_hash = lines_of_record.content_hash
