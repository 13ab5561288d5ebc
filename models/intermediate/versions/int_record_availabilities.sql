-- When each filing version became available, by the clock that is chosen, and when the next version of its record did.
{%- set clock = var('availability_clock') %}
{%- set times = ['published_at', 'accepted_at', 'created_at'] + (['updated_at'] if clock != 'published' else []) %}

with filing_versions as (

    select * from {{ ref('int_record_versions') }}

),

markets as (

    select * from {{ ref('markets') }}

),

first_given as (

    select
        filing_versions.*,
        markets.day_zone,
        coalesce(
            {% if clock != 'published' -%}
            filing_versions.updated_at,
            {% endif -%}
            filing_versions.published_at,
            filing_versions.accepted_at,
            filing_versions.created_at,
            {{ to_utc(at_time('filing_versions.filing_date', 'markets.cut_off'), 'markets.time_zone') }},
            filing_versions.first_seen_at
        ) as source_available_at,
        {{ has_unreadable_time('filing_versions', times) }} as has_unreadable_time
    from filing_versions
    inner join markets on filing_versions.market_settings = markets.market

),

-- A new version without a newer source time becomes available when we first observe it, and so does a version whose time cannot be read.
known as (

    select
        source,
        record_id,
        version_number,
        day_zone,
        greatest(
            case
                when (version_number = 1 or has_newer_source_time) and not has_unreadable_time then source_available_at
                else first_seen_at
            end,
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
        cast({{ from_utc('available_at', 'day_zone') }} as date) as available_date
    from ordered

)

select
    source,
    record_id,
    version_number,
    available_at,
    available_date,
    -- Not simply the next one: a change of country can move a later version to an earlier day.
    min({{ moment('available_date', 'available_at') }}) over (
        partition by source, record_id order by version_number desc
        rows between unbounded preceding and 1 preceding
    ) as next_version_from
from dated
