{%- set blank = '[ \t\r\n\u00a0]' -%}
{%- set joints = '[&+]|(?:^|' ~ blank ~ ')(?:and|och|et|und)(?:' ~ blank ~ '|$)' -%}
{%- set mark = '\u001f' -%}

{#- Each separator becomes a mark and the sign of its kind. -#}
{%- set kinds = namespace(text=lower_text('raw_role')) -%}
{%- for pattern, sign in [(joints, '&'), ('[;|]', ';'), ('[,/]', ',')] -%}
{%- set kinds.text = replace_pattern(kinds.text, pattern, mark ~ sign) -%}
{%- endfor -%}

with texts as (

    select
        role_key,
        raw_role,
        {{ lower_text('raw_role') }} as lowered_role,
        {{ kinds.text }} as marked_role
    from {{ ref('int_role_texts') }}

),

marked as (

    {{ split_into_rows('texts', 'marked_role', mark, ['role_key', 'raw_role', 'lowered_role']) }}

),

parts as (

    select
        role_key,
        lowered_role,
        ordinal as part_number,
        part like ',%' or part like ';%' as is_set_off,
        part like ';%' as is_apart,
        {{ normalize_text(replace_pattern('part', '^[,;&]', '')) }} as part,
        -- The form of the SEC cuts a title after its thirtieth character.
        length(raw_role) = 30 and ordinal = max(ordinal) over (partition by role_key) as may_be_cut
    from marked

)

select *
from parts
where part <> ''
