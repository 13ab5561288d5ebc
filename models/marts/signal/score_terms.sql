with weights as (

    select * from {{ ref('score_weights') }}

)

select
    version,
    term,
    weight,
    note,
    version = {{ var('score_version') }} as is_in_use,
    cast({{ var('signal_window_days') }} as integer) as window_days
from weights
