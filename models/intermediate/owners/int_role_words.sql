with counted as (

    select
        *,
        length(part) - length(replace(part, ' ', '')) + 1 as part_words
    from {{ ref('int_role_parts') }}

),

words as (

    {{ split_into_rows('counted', 'part', ' +', ['role_key', 'part_number', 'part_words', 'may_be_cut']) }}

)

select
    role_key,
    part_number,
    ordinal as word_number,
    part as word,
    may_be_cut and ordinal = part_words as may_be_cut
from words
