{#- Fails on rows whose half-open range [from_column, to_column) ends before it begins, or meets an earlier range of the same `keys`; a null end is for ever, empty ranges are let be. -#}
{% test valid_range_no_overlap(model, keys, from_column, to_column) %}
    with ranges as (

        select
            {{ keys | join(', ') }},
            {{ from_column }} as range_from,
            {{ to_column }} as range_to,
            max(coalesce({{ to_column }}, date '9999-12-31')) over (
                partition by {{ keys | join(', ') }} order by {{ from_column }}, {{ to_column }}
                rows between unbounded preceding and 1 preceding
            ) as reached_before
        from {{ model }}
        where {{ to_column }} is null or {{ from_column }} <> {{ to_column }}

    )

    select *
    from ranges
    where
        range_to < range_from
        or range_from < reached_before
{% endtest %}
