-- The world: closed windows that the source gave no count for. The mart is load_completeness.
{{ config(severity='warn') }}

select *
from {{ ref('load_completeness') }}
where
    is_closed
    and status <> 'verified'
