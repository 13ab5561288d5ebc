-- The world: raw values that no mapping seed knows. The mart is unmapped_values.
{{ config(
    severity='warn',
    meta={
        'says': 'values that no map knows',
        'look_at': 'unmapped_values',
        'then': 'add them to the seed that is named there'
    }
) }}

select *
from {{ ref('unmapped_values') }}
where seed <> 'security_type_map'
