{#-
    Patterns of a seed as constants: an engine makes a constant pattern ready once, and one that it reads from a table for every row, which costs
    DuckDB a hundred times as much.
-#}

{#- The rules of `placement_phrases` that are in use, as the database has them when the model runs; none before the seeds are loaded. -#}
{% macro placement_rules() -%}
    {%- set rules = [] -%}
    {%- if execute -%}
        {#- By its name: in a unit test `ref` is not the seed but its stand-in, which no query can read before the test runs. -#}
        {%- set seed = adapter.get_relation(target.database, generate_schema_name('seeds', none), 'placement_phrases') -%}
        {%- if seed is not none -%}
            {%- set version = var('mapping_versions')['placement_phrases'] -%}
            {%- do rules.extend(
                run_query('select rule_id, pattern, context, unless from ' ~ seed ~ ' where version = ' ~ version ~ ' order by rule_id').rows
            ) -%}
        {%- endif -%}
    {%- endif -%}
    {{ return(rules) }}
{%- endmacro %}

{#- Whether `text` says what the rule `rule_id` of `placement_phrases` is for. -#}
{% macro says_phrase(text, rule_id) -%}
    case
        when {{ text }} is null then false
        {%- for rule in placement_rules() %}
        when {{ rule_id }} = '{{ rule.rule_id }}' then
            {{ matches_pattern(text, constant_pattern(rule.pattern)) }}
            {%- if rule.context %} and {{ matches_pattern(text, constant_pattern(rule.context)) }}{% endif %}
            {%- if rule.unless %} and not {{ matches_pattern(text, constant_pattern(rule.unless)) }}{% endif %}
        {%- endfor %}
        else false
    end
{%- endmacro %}
