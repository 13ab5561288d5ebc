{#-
    Stops dbt, when it parses the project, at a variable that has none of its permitted values or not all of its keys: such a value would be taken for
    another one, or for none. Gives no SQL of its own.
-#}
{% macro refuse_unknown_settings() -%}
    {%- set permitted = {'availability_clock': ['updated', 'observed', 'published'], 'exclude_same_terms': [true, false]} -%}
    {%- set keys = {
        'mapping_versions': [
            'transaction_type_map', 'security_type_map', 'status_map', 'currency_units', 'placement_phrases', 'fund_names', 'price_bounds', 'issuer_map'
        ],
        'study': [
            'horizons', 'quiet_days', 'wait_sessions', 'estimation_first', 'estimation_last', 'estimation_minimum', 'suspect_jump'
        ]
    } -%}
    {%- for name, values in permitted.items() if var(name) not in values or var(name) is number and var(name) is not boolean -%}
        {{ exceptions.raise_compiler_error('the variable ' ~ name ~ ' is ' ~ var(name) | tojson ~ '; permitted are ' ~ values | map('tojson') | join(', ')) }}
    {%- endfor -%}
    {%- for name, known in keys.items() -%}
        {%- if var(name) is not mapping or var(name) | sort != known | sort -%}
            {{ exceptions.raise_compiler_error(
                'the variable ' ~ name ~ ' has the keys ' ~ (var(name) | list | sort | join(', ') if var(name) is mapping else 'of no mapping') ~ '; it replaces the'
                ~ ' one in dbt_project.yml and needs all of these: ' ~ known | sort | join(', ')
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {%- set versions = dict(var('mapping_versions'), role_map_version=var('role_map_version'), score_version=var('score_version')) -%}
    {%- for name, version in versions.items() if version is not integer or version is boolean -%}
        {{ exceptions.raise_compiler_error('the version of ' ~ name ~ ' is ' ~ version | tojson ~ '; a version is a whole number that its seed has') }}
    {%- endfor -%}
{%- endmacro %}
