-- The world: raw values that no mapping seed knows. The mart is unmapped_values.
{{ config(severity='warn') }}

select *
from {{ ref('unmapped_values') }}
where seed <> 'security_type_map'
