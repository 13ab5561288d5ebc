with lines as (

    select * from {{ ref('int_unmapped_lines') }}

),

owners as (

    select
        filings.as_of_date,
        owners.*
    from {{ ref('int_filing_owners') }} as owners
    inner join {{ ref('int_current_filings') }} as filings
        on {{ same_record_version('owners', 'filings') }}

),

owner_texts as (

    select
        as_of_date,
        source,
        concat_ws('{{ "\u001f" }}', unreadable_names, unreadable_flags) as unreadable_texts
    from owners

),

unreadable_owner_texts as (

    {{ split_into_rows('owner_texts', 'unreadable_texts', '\u001f', ['as_of_date', 'source']) }}

),

documents as (

    select * from {{ ref('int_current_filings') }}

),

schema_versions as (

    select * from {{ ref('schema_versions') }}

),

untold_funds as (

    select * from {{ ref('int_untold_funds') }}

),

unmapped as (

    select
        as_of_date,
        source,
        seed,
        raw_value
    from lines

    union all

    select
        as_of_date,
        source,
        'fund_names' as seed,
        issuer_name as raw_value
    from untold_funds

    union all

    select
        as_of_date,
        source,
        'role_map' as seed,
        raw_role as raw_value
    from owners
    where
        raw_role is not null
        and role_rule_id is null

    union all

    select
        as_of_date,
        source,
        split_part(part, '=', 1) as seed,
        substring(part, length(split_part(part, '=', 1)) + 2) as raw_value
    from unreadable_owner_texts
    where part <> ''

    union all

    select
        documents.as_of_date,
        documents.source,
        'schema_versions' as seed,
        documents.schema_version as raw_value
    from documents
    left join schema_versions
        on documents.source = schema_versions.source
        and documents.schema_version = schema_versions.schema_version
    where
        documents.schema_version is not null
        and schema_versions.schema_version is null

)

select
    as_of_date,
    source,
    seed,
    raw_value,
    count(*) as occurrences
from unmapped
group by as_of_date, source, seed, raw_value
