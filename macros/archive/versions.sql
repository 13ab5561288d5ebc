{#-
    True where one of the `times` of `relation` (of updated_at, published_at, accepted_at and created_at) is given, cannot be read, and could decide
    when the source made a version known: `created_at` only where no other time is given.
-#}
{% macro has_unreadable_time(relation, times) -%}
    {%- set conditions, others = [], [] -%}
    {%- for name in ['updated_at', 'published_at', 'accepted_at', 'created_at'] if name in times -%}
        {%- set is_first = ['coalesce(' ~ others | join(', ') ~ ', null) is null'] if name == 'created_at' and others else [] -%}
        {%- do conditions.append([relation ~ '.raw_' ~ name ~ ' is not null', relation ~ '.' ~ name ~ ' is null'] + is_first) -%}
        {%- do others.append(relation ~ '.' ~ name) -%}
    {%- endfor -%}
    (
        {%- for condition in conditions %}
        {{ 'or ' if not loop.first }}({{ condition | join(' and ') }})
        {%- endfor %}
    )
{%- endmacro %}

{#-
    What became of each observation of a record: it starts a version, repeats the current one, or is stale (spec, sections 1 to 3).

    observations: relation with record_id, content_hash, walk_id, page_number, position, observed_at (UTC)
    contents: relation with content_hash, meaning, published_at, accepted_at, created_at, updated_at (UTC), has_unreadable_time

    Returns one row per observation: outcome (`new_version`, `repeat`, `stale`), version_number, and has_newer_source_time:
    whether it bears a time of the source later than all that the record showed before, by the variable `availability_clock`.
-#}
{% macro observation_outcomes(observations, contents) -%}
    {%- set first_time = 'coalesce(contents.updated_at, contents.published_at, contents.accepted_at, contents.created_at)' -%}
    with observed as (

        select
            observations.record_id,
            observations.content_hash,
            observations.walk_id,
            observations.page_number,
            observations.position,
            observations.observed_at,
            contents.meaning,
            -- One that cannot be read may be the newest.
            case when contents.has_unreadable_time then null else {{ first_time }} end as source_time,
            case when contents.has_unreadable_time then null else {{ first_time | replace('contents.updated_at, ', '') if var('availability_clock') == 'published' else first_time }} end as clock_time
        from {{ observations }} as observations
        inner join {{ contents }} as contents on observations.content_hash = contents.content_hash

    ),

    timed as (

        select
            *,
            coalesce(source_time < max(source_time) over earlier, false) as is_stale,
            coalesce(clock_time > max(clock_time) over earlier, false) as has_newer_source_time
        from observed
        window earlier as (
            partition by record_id order by observed_at, page_number, position
            rows between unbounded preceding and 1 preceding
        )

    ),

    compared as (

        select
            *,
            lag(meaning) over (
                partition by record_id, is_stale order by observed_at, page_number, position
            ) as meaning_before
        from timed

    ),

    marked as (

        select
            *,
            not is_stale and coalesce(meaning <> meaning_before, true) as starts_version
        from compared

    )

    select
        record_id,
        content_hash,
        walk_id,
        page_number,
        position,
        observed_at,
        has_newer_source_time,
        case when is_stale then 'stale' when starts_version then 'new_version' else 'repeat' end as outcome,
        cast(sum(case when starts_version then 1 else 0 end) over (
            partition by record_id order by observed_at, page_number, position
            rows between unbounded preceding and current row
        ) as bigint) as version_number
    from marked
{%- endmacro %}

{#-
    The owners of each filing version: the last step of a source's staging, the same for all.

    filing_versions: relation with source, record_id, version_number, content_hash
    owners: relation with content_hash and an owner's columns
-#}
{% macro owner_versions(filing_versions, owners) -%}
    with filing_versions as (

        select * from {{ filing_versions }}

    ),

    owners as (

        select * from {{ owners }}

    )

    select
        filing_versions.source,
        filing_versions.record_id,
        filing_versions.version_number,
        owners.insider_id,
        owners.insider_name,
        owners.unreadable_names,
        owners.raw_role,
        owners.is_director,
        owners.is_officer,
        owners.is_ten_percent_owner,
        owners.is_other
    from filing_versions
    inner join owners on filing_versions.content_hash = owners.content_hash
{%- endmacro %}
