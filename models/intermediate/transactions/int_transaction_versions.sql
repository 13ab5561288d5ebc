{#- A line ends with its version, or before that when an amendment takes its place. -#}
{%- set ends_from = 'least(filings.next_version_from, amended.known_from)' -%}

with filings as (

    select * from {{ ref('int_attributed_filings') }}

),

amended as (

    select
        source,
        record_id,
        version_number,
        line_ordinal,
        min(known_from) as known_from
    from {{ ref('int_line_supersessions') }}
    group by source, record_id, version_number, line_ordinal

),

lines as (

    select * from {{ ref('int_line_values') }}

),

placements as (

    select * from {{ ref('int_line_placements') }}

)

select
    lines.source,
    filings.market,
    filings.market_settings,
    filings.filing_id,
    lines.record_id,
    lines.version_number,
    lines.line_ordinal,
    lines.source || ':' || lines.record_id || ':' || lines.line_ordinal as transaction_id,
    lines.line_number,
    -- What an insider did in one share on one day: the event, while the line stands.
    {{ fingerprint([
        'filings.issuer_source', 'filings.issuer_id', 'filings.insider_key',
        'lines.transaction_date', 'lines.transaction_type', 'lines.direction'
    ]) }} as event_id,
    filings.issuer_source,
    filings.issuer_id,
    filings.issuer_name,
    filings.ticker,
    filings.unreadable_names,
    filings.insider_id,
    filings.insider_name,
    filings.unreadable_insider_names,
    filings.normalized_name,
    filings.insider_key,
    filings.raw_role,
    filings.role,
    filings.seniority,
    filings.is_senior,
    filings.role_rule_id,
    filings.owner_count,
    filings.is_ten_percent_owner_only,
    lines.raw_transaction_type,
    lines.transaction_type,
    lines.transaction_type_map_version,
    lines.direction,
    lines.raw_security_type as security_type,
    lines.security_type as normalized_security_type,
    lines.security_class,
    lines.security_type_map_version,
    lines.raw_ownership_nature as ownership_nature,
    lines.is_derivative,
    lines.is_planned,
    lines.is_linked_to_share_programme,
    placements.placement_rule_id,
    placements.placement_phrase,
    lines.footnotes,
    lines.raw_transaction_date,
    lines.transaction_date,
    filings.raw_filing_date,
    filings.filing_date,
    lines.raw_shares,
    lines.shares,
    lines.shares_owned_after,
    lines.holding_change,
    lines.raw_price,
    lines.price,
    lines.raw_currency,
    lines.currency,
    lines.raw_value,
    lines.value,
    lines.value_source,
    lines.fx_rate,
    lines.fx_rate_date,
    lines.fx_status,
    lines.value_base,
    filings.raw_status,
    filings.is_cancelled,
    filings.amends_id,
    filings.is_signal_form,
    filings.url,
    filings.raw_published_at,
    filings.published_at,
    filings.raw_accepted_at,
    filings.accepted_at,
    filings.raw_created_at,
    filings.created_at,
    filings.raw_updated_at,
    filings.updated_at,
    filings.first_seen_at,
    filings.available_at,
    filings.available_date,
    -- What arrives after its amendment is never visible: its time ends where it begins.
    case when {{ ends_from }} is not null then greatest({{ moment_timestamp(ends_from) }}, filings.available_at) end as superseded_at,
    case when {{ ends_from }} is not null then greatest({{ moment_date(ends_from) }}, filings.available_date) end as superseded_date
from lines
inner join filings
    on {{ same_record_version('lines', 'filings') }}
left join amended
    on {{ same_line_version('lines', 'amended') }}
left join placements
    on {{ same_line_version('lines', 'placements') }}
