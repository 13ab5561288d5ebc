with words as (

    select distinct
        word,
        may_be_cut,
        -- Without the mark of a note on the title.
        trim(both '{{ "*\u2020\u2021_~^?!" }}' from word) as plain_word
    from {{ ref('int_role_words') }}

),

title_words as (

    select * from {{ ref('title_words') }}
    where version <= {{ var('role_map_version') }}

),

matched as (

    select
        words.word,
        words.may_be_cut,
        title_words.kind,
        case
            when words.plain_word = title_words.word then 1
            when words.may_be_cut and title_words.word like words.word || '%' then 2
            else 3
        end as rank_of_match,
        title_words.word as title_word,
        title_words.spelled_out
    from words
    inner join title_words
        on words.plain_word = title_words.word
        or (words.may_be_cut and title_words.word like words.word || '%')
        or (title_words.may_be_misspelt and {{ is_misspelling('words.plain_word', 'title_words.word') }})

)

select
    word,
    may_be_cut,
    kind,
    case when rank_of_match = 2 then word else spelled_out end as spelled_out
from matched
qualify
    row_number() over (
        partition by word, may_be_cut order by rank_of_match, case when rank_of_match = 2 then kind end, title_word
    ) = 1
