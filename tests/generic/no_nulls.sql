{#- Fails on rows in which one of `columns` is null. -#}
{% test no_nulls(model, columns) %}
    select {{ columns | join(', ') }}
    from {{ model }}
    where {{ columns | join(' is null or ') }} is null
{% endtest %}
