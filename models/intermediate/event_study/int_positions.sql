select
    series_id,
    tradable_number
from {{ ref('int_event_positions') }}
where
    series_id is not null
    and tradable_number is not null
union
select
    series_id,
    tradable_number
from {{ ref('int_score_variants') }}
where
    series_id is not null
    and tradable_number is not null
