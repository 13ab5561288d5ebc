-- The world: older content served after newer. The mart is stale_observations.
{{ config(severity='warn') }}

select *
from {{ ref('stale_observations') }}
