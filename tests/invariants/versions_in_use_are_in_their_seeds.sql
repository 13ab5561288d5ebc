-- A version that its seed does not have would map nothing, or stamp rows with a number that means another version. A seed without rows maps nothing
-- by choice.
{%- set versions = dict(var('mapping_versions'), role_map=var('role_map_version'), score_weights=var('score_version')) %}
{% for seed, version in versions.items() -%}
select
    '{{ seed }}' as seed,
    {{ version }} as version_in_use,
    max(version) as last_version
from {{ ref(seed) }}
having
    count(*) > 0
    and count(case when version = {{ version }} then 1 end) = 0
{{ 'union all' if not loop.last }}
{% endfor %}
