{#- Fails on rows whose column lies before `earlier_column`, where both are given. -#}
{% test not_before(model, column_name, earlier_column) %}
    select
        {{ column_name }},
        {{ earlier_column }}
    from {{ model }}
    where {{ column_name }} < {{ earlier_column }}
{% endtest %}
