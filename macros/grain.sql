{#- The columns of the grain (`meta.grain`) of the model or source that the running test reads. dbt knows them only when it compiles. -#}
{% macro grain_under_test() %}
    {%- if execute -%}
        {#- Outside of the test's own arguments `model` is the test itself. -#}
        {%- set tested = model.depends_on.nodes | first -%}
        {%- do return((graph.nodes.get(tested) or graph.sources[tested]).config.meta.grain) -%}
    {%- endif -%}
    {%- do return([]) -%}
{% endmacro %}
