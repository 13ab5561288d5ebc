-- The world: a source that is behind the as-of date, so that rows may be missing. The column is is_source_behind.
{{ config(
    severity='warn',
    meta={
        'says': 'sources behind the as-of date',
        'look_at': 'load_completeness',
        'then': 'load them; until then their rows have is_source_behind'
    }
) }}

select *
from {{ ref('int_source_status') }}
where
    is_source_behind
    and source in ('{{ filing_sources() | join("', '") }}')
