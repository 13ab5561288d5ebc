{%- set prefix = 'role:' %}

select
    version,
    substring(term, {{ prefix | length + 1 }}) as role,
    weight
from {{ ref('score_weights') }}
where substring(term, 1, {{ prefix | length }}) = '{{ prefix }}'
