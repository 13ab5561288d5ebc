{%- set clock = var('availability_clock') -%}

with filing_versions as (

    select * from {{ ref('int_filing_versions_unioned') }}

),

markets as (

    select * from {{ ref('markets') }}

),

statuses as (

    select * from {{ ref('status_map') }}
    where version = {{ var('mapping_versions')['status_map'] }}

),

issuers as (

    select * from {{ ref('issuer_map') }}
    where version = {{ var('mapping_versions')['issuer_map'] }}

),

first_given as (

    select
        filing_versions.*,
        markets.time_zone,
        coalesce(
            {% if clock != 'published' -%}
            filing_versions.updated_at,
            {% endif -%}
            filing_versions.published_at,
            filing_versions.accepted_at,
            filing_versions.created_at,
            {{ to_utc(at_time('filing_versions.filing_date', 'markets.cut_off'), 'markets.time_zone') }},
            filing_versions.first_seen_at
        ) as source_available_at
    from filing_versions
    inner join markets on filing_versions.market_settings = markets.market

),

known as (

    -- A change that bears no newer time of the source was not there to be seen before we saw it.
    select
        *,
        greatest(
            case when version_number = 1 or has_newer_source_time then source_available_at else first_seen_at end,
            published_at,
            accepted_at
            {%- if clock == 'observed' %},
            first_seen_at
            {%- endif %}
        ) as own_available_at
    from first_given

),

ordered as (

    select
        *,
        max(own_available_at) over (
            partition by source, record_id order by version_number
            rows between unbounded preceding and current row
        ) as available_at
    from known

),

dated as (

    select
        *,
        cast({{ from_utc('available_at', 'time_zone') }} as date) as available_date
    from ordered

)

select
    dated.source,
    dated.record_id,
    dated.version_number,
    dated.filing_id,
    coalesce(issuers.mapped_source, dated.source) as issuer_source,
    coalesce(issuers.mapped_issuer_id, dated.issuer_id) as issuer_id,
    dated.issuer_name,
    dated.ticker,
    dated.market,
    dated.market_settings,
    dated.amends_id,
    dated.raw_status,
    coalesce(statuses.is_cancelled, false) as is_cancelled,
    dated.url,
    dated.raw_filing_date,
    dated.filing_date,
    dated.raw_published_at,
    dated.published_at,
    dated.raw_accepted_at,
    dated.accepted_at,
    dated.raw_created_at,
    dated.created_at,
    dated.raw_updated_at,
    dated.updated_at,
    dated.first_seen_at,
    dated.available_at,
    dated.available_date,
    -- Not simply the next one: a change of country can move a later version to an earlier day.
    min({{ moment('dated.available_date', 'dated.available_at') }}) over (
        partition by dated.source, dated.record_id order by dated.version_number desc
        rows between unbounded preceding and 1 preceding
    ) as next_version_from
from dated
left join statuses
    on dated.source = statuses.source
    and lower(dated.raw_status) = statuses.raw_status
left join issuers
    on dated.source = issuers.source
    and dated.issuer_id = issuers.issuer_id
    and dated.available_date >= coalesce(issuers.valid_from, date '0001-01-01')
    and dated.available_date < coalesce(issuers.valid_to, date '9999-12-31')
