{#-
    CTEs that match the lines of amendments with those of what they amend, in rounds, and end in `matched`. In a round the first line of an
    amendment restates the first line with the same key, the second the second, and so on; where the amendment has fewer such lines than the other
    filing, nothing tells which of them it restates: all are `ambiguous`. What one round matches the next does not see. Lines with one `match_id`
    are matched with each other; it begins with `matched` or `ambiguous`.

    Each round reads the round before it once: an engine that writes every reading of a CTE out would double the plan in each round.

    Arguments:
        relation: lines of both sides, as in int_linked_lines.
        rounds: a list; each round has the columns of its `key`, and may have `when` (a condition on a line) and `together` (true: where both
            sides have as many shares, in different numbers of lines, all of the one restate all of the other).
-#}
{% macro match_in_rounds(relation, rounds) -%}
{%- for round in rounds -%}
{%- set number = loop.index -%}
{%- set group = 'link_id, round_key_' ~ number -%}
    keyed_{{ number }} as (

        select
            *,
            case
                when
                    {% if not loop.first -%}
                    match_id_{{ number - 1 }} is null
                    and {% endif -%}
                    {{ round['key'] | join(' is not null\n                    and ') }} is not null
                    and {{ round['when'] | default('true') }}
                    then {{ fingerprint(['link_id', number] + round['key']) }}
            end as round_key_{{ number }}
        from {{ relation if loop.first else 'round_' ~ loop.index0 }}

    ),

    counted_{{ number }} as (

        select
            *,
            row_number() over (partition by {{ group }}, side order by line_ordinal) as line_rank_{{ number }},
            count(case when side = 'amendment' then 1 end) over (partition by {{ group }}) as amendment_lines_{{ number }},
            count(case when side = 'amended' then 1 end) over (partition by {{ group }}) as amended_lines_{{ number }},
            sum(case when side = 'amendment' then shares else -shares end) over (partition by {{ group }}) as further_shares_{{ number }}
        from keyed_{{ number }}

    ),

    round_{{ number }} as (

        select
            *,
            case
                {% if not loop.first -%}
                when match_id_{{ number - 1 }} is not null then match_id_{{ number - 1 }}
                {% endif -%}
                when amendment_lines_{{ number }} = 0 or amended_lines_{{ number }} = 0 then null
                {% if round['together'] -%}
                when amendment_lines_{{ number }} <> amended_lines_{{ number }} and further_shares_{{ number }} = 0
                    then 'matched:' || round_key_{{ number }}
                {%- else -%}
                when amendment_lines_{{ number }} < amended_lines_{{ number }} then 'ambiguous:' || round_key_{{ number }}
                when line_rank_{{ number }} <= amended_lines_{{ number }}
                    then 'matched:' || round_key_{{ number }} || ':' || line_rank_{{ number }}
                {%- endif %}
            end as match_id_{{ number }}
        from counted_{{ number }}

    ),

    {% endfor -%}
    matched as (

        select
            link_id,
            known_from,
            amending_record_id,
            side,
            line_version_id,
            match_id_{{ rounds | length }} as match_id
        from round_{{ rounds | length }}
        where match_id_{{ rounds | length }} is not null

    )
{%- endmacro %}
