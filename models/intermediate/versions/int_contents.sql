-- Contents that differ in the order of owners, in spacing or in a field that nothing reads have one fingerprint.
{%- set record_columns = [
    'filing_id', 'issuer_id', 'issuer_name', 'ticker', 'market', 'amends_id', 'form_type', 'raw_original_date', 'raw_status', 'unreadable_names',
    'filing_date', 'case when filing_date is null then raw_filing_date end'
] %}
{%- set owner_columns = [
    'insider_id', 'insider_name', 'unreadable_names', 'raw_role', 'is_director', 'is_officer', 'is_ten_percent_owner', 'is_other', 'unreadable_flags'
] %}
{%- set line_columns = [
    'line_ordinal', 'unreadable_reason', 'raw_line_number', 'raw_transaction_type', 'raw_acquired_disposed', 'raw_currency', 'raw_ownership_nature',
    'raw_security_type', 'footnotes', 'ownership_notes', 'remarks', 'is_derivative', 'is_planned', 'is_equity_swap', 'is_linked_to_share_programme',
    'unreadable_flags', 'shares_owned_after'
] %}
{%- for column in ['transaction_date', 'shares', 'price', 'value'] %}
{%- do line_columns.extend([column, 'case when ' ~ column ~ ' is null then raw_' ~ column ~ ' end']) %}
{%- endfor %}

with records as (

    select
        *,
        {{ fingerprint(record_columns) }} as record_fingerprint
    from {{ ref('int_records') }}

),

owners as (

    select
        source,
        content_hash,
        {{ fingerprint_of_set(fingerprint(owner_columns)) }} as owner_fingerprint
    from {{ ref('int_owners') }}
    group by source, content_hash

),

lines as (

    select
        source,
        content_hash,
        {{ fingerprint_of_set(fingerprint(line_columns)) }} as line_fingerprint
    from {{ ref('int_lines') }}
    group by source, content_hash

)

select
    records.source,
    records.content_hash,
    records.published_at,
    records.accepted_at,
    records.created_at,
    records.updated_at,
    records.earliest_source_time,
    {{ has_unreadable_time('records', ['published_at', 'accepted_at', 'created_at', 'updated_at']) }} as has_unreadable_time,
    {{ fingerprint(['records.record_fingerprint', 'owners.owner_fingerprint', 'lines.line_fingerprint']) }} as fingerprint
from records
left join owners
    on records.source = owners.source
    and records.content_hash = owners.content_hash
left join lines
    on records.source = lines.source
    and records.content_hash = lines.content_hash
