with parts as (

    select * from {{ ref('int_role_parts') }}

),

words as (

    select
        words.role_key,
        words.part_number,
        words.word_number,
        words.word,
        coalesce(kinds.spelled_out, words.word) as spelled_word,
        kinds.kind
    from {{ ref('int_role_words') }} as words
    left join {{ ref('int_role_word_kinds') }} as kinds
        on words.word = kinds.word
        and words.may_be_cut = kinds.may_be_cut

),

placed as (

    select
        *,
        max(case when kind in ('office', 'committee') then word_number end) over (partition by role_key, part_number) as office_at
    from words

),

read as (

    select
        role_key,
        part_number,
        {{ ordered_list('spelled_word', 'word_number', ' ') }} as spelled_part,
        max(office_at) is not null as has_office,
        max(case kind when 'office' then 2 when 'committee' then 1 else 0 end) = 1 as is_committee,
        max(
            case
                when word_number <= office_at or kind = 'around' or not {{ matches_pattern('word', "'[^0-9*#%]'") }} then 0
                when kind = 'work' then 1
                else 2
            end
        ) as unit_level
    from placed
    group by role_key, part_number

)

select
    parts.role_key,
    parts.lowered_role,
    parts.part_number,
    parts.is_set_off,
    parts.is_apart,
    read.spelled_part as part,
    read.has_office,
    read.is_committee,
    read.unit_level
from parts
inner join read
    on parts.role_key = read.role_key
    and parts.part_number = read.part_number
