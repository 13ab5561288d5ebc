{#- Fails on rows that share the grain of the model (its `meta.grain`); null counts as a value. -#}
{% test unique_grain(model) %}
    {{ test_unique_combination(model, grain_under_test()) }}
{% endtest %}
