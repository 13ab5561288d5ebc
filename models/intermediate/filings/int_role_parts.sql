{%- set blank = '[ \t\r\n\u00a0]' -%}
{%- set joints = '[&+]|(?:^|' ~ blank ~ ')(?:and|och|et|und)(?:' ~ blank ~ '|$)' -%}
{%- set mark = '\u001f' -%}

with texts as (

    select
        role_key,
        raw_role,
        {{ lower_text('raw_role') }} as lowered_role,
        {{ replace_pattern(replace_pattern(lower_text('raw_role'), joints, mark ~ '&'), '[,;/|]', mark ~ ',') }} as marked_role
    from {{ ref('int_role_texts') }}

),

title_words as (

    select * from {{ ref('title_words') }}
    where version <= {{ var('role_map_version') }}

),

marked as (

    {{ split_into_rows('texts', 'marked_role', mark, ['role_key', 'raw_role', 'lowered_role']) }}

),

parts as (

    select
        role_key,
        lowered_role,
        ordinal as part_number,
        part like ',%' as is_set_off,
        {{ normalize_text(replace_pattern('part', '^[,&]', '')) }} as part,
        -- The form of the SEC cuts a title after its thirtieth character.
        length(raw_role) = 30 and ordinal = max(ordinal) over (partition by role_key) as may_be_cut
    from marked

),

counted as (

    select
        *,
        length(part) - length(replace(part, ' ', '')) + 1 as part_words
    from parts
    where part <> ''

),

words as (

    {{ split_into_rows('counted', 'part', ' +', ['role_key', 'part_number', 'part_words', 'may_be_cut']) }}

),

known as (

    select
        words.role_key,
        words.part_number,
        words.ordinal as word_number,
        coalesce(max(case when words.part = title_words.word then title_words.spelled_out end), words.part) as word,
        coalesce(max(case when words.part = title_words.word then title_words.kind end), min(title_words.kind)) as kind
    from words
    left join title_words
        on words.part = title_words.word
        or (words.may_be_cut and words.ordinal = words.part_words and title_words.word like words.part || '%')
    group by words.role_key, words.part_number, words.ordinal, words.part

),

placed as (

    select
        *,
        max(case when kind = 'office' then word_number end) over (partition by role_key, part_number) as office_at
    from known

),

read as (

    select
        role_key,
        part_number,
        {{ ordered_list('word', 'word_number', ' ') }} as spelled_part,
        max(office_at) is not null as has_office,
        max(
            case
                when word_number <= office_at or kind in ('office', 'around') or not {{ matches_pattern('word', "'[^0-9*#%]'") }} then 0
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
    read.spelled_part as part,
    read.has_office,
    read.unit_level
from parts
inner join read
    on parts.role_key = read.role_key
    and parts.part_number = read.part_number
