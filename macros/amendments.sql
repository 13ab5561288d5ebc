{#- True where the notes of an amendment, in lower case, say that it adds a transaction that was left out, and not that it corrects one. -#}
{% macro tells_of_an_omission(notes) -%}
    ({{ _names_an_omission(notes) }} and not {{ _names_a_correction(notes) }})
{%- endmacro %}

{#- True where the notes of an amendment, in lower case, say that it corrects a transaction, and not that it adds one. -#}
{% macro tells_of_a_correction(notes) -%}
    ({{ _names_a_correction(notes) }} and not {{ _names_an_omission(notes) }})
{%- endmacro %}

{% macro _names_an_omission(notes) -%}
    {{ matches_pattern(notes, "'omit|omission|left out|(not|never) (been )?(previously |timely )?(reported|included|disclosed)|fail(ed|ure|ing) to (report|include|disclose)|(add|report|include)s? (an|the|one|two|three)? ?additional'") }}
{%- endmacro %}

{#- Whoever corrects an omission adds. -#}
{% macro _names_a_correction(notes) -%}
    {{ matches_pattern(
        replace_pattern(notes, '(correct|rectif)[a-z]* (for |of )?(an |the |this |that )?(error of |inadvertent |erroneous )*(omission|omitted|failure to)', ''),
        "'correct|erroneous|error|mistake|misreported|misstat|misprint|typographical|inaccurate|rectif|inadvertently (reported|stated|listed|showed|reflected)'"
    ) }}
{%- endmacro %}

{#- The columns of int_dated_lines that tell one line from another, of the relation `lines`. -#}
{% macro dated_line_columns(lines) -%}
    {%- for column in [
        'line_ordinal', 'line_key', 'trade_kind', 'holding_kind', 'transaction_date', 'is_derivative', 'shares', 'price', 'shares_owned_before',
        'shares_owned_after', 'tells_of_a_correction'
    ] %}
    {{ lines }}.{{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#-
    CTEs that match the lines of amendments with those of what they amend, in rounds, and end in `matches`. What one round matches the next does
    not see. In a round the first line of an amendment restates the first line with the same key, the second the second, and so on; where the
    amendment has fewer such lines than the other filing, nothing tells which of them it restates: all are `ambiguous`.

    Arguments:
        relation: lines of both sides, as in int_amendment_line_pairs.
        rounds: a list; each round has the columns of its `key`, and may have `when` (a condition on a line), `alike` (true: lines with
            this key are equal, so that it does not matter which of them is restated) and `together` (true: where both sides have as many shares,
            in different numbers of lines, all of the one restate all of the other).
-#}
{% macro match_in_rounds(relation, rounds) -%}
{%- set pair = ['source', 'record_id', 'version_number', 'amended_record_id', 'amended_version_number'] -%}
{%- for round in rounds -%}
{%- set number = loop.index -%}
{%- set open_lines = relation if loop.first else 'left_after_' ~ loop.index0 -%}
{%- set group = pair + ['round_key'] -%}
    keyed_{{ number }} as (

        select
            *,
            {{ fingerprint(round['key']) }} as round_key
        from {{ open_lines }}
        where
            {% for column in round['key'] -%}
            {{ column }} is not null
            and {% endfor -%}
            {{ round['when'] | default('true') }}

    ),

    numbered_{{ number }} as (

        select
            *,
            row_number() over (partition by {{ group | join(', ') }}, side order by line_ordinal) as line_rank,
            sum(case when side = 'amendment' then 1 else 0 end) over (partition by {{ group | join(', ') }}) as amendment_lines,
            sum(case when side = 'amended' then 1 else 0 end) over (partition by {{ group | join(', ') }}) as amended_lines,
            sum(case when side = 'amendment' then shares else 0 end) over (partition by {{ group | join(', ') }}) as amendment_shares,
            sum(case when side = 'amended' then shares else 0 end) over (partition by {{ group | join(', ') }}) as amended_shares
        from keyed_{{ number }}

    ),

    matched_{{ number }} as (

        select
            {% for column in pair -%}
            lines.{{ column }},
            {% endfor -%}
            lines.known_from,
            lines.amended_place,
            lines.is_undecided,
            lines.line_ordinal,
            amended.line_ordinal as amended_line_ordinal,
            {% if round['alike'] or round['together'] -%}
            'matched' as match_status
            {%- else -%}
            case when lines.amendment_lines < lines.amended_lines then 'ambiguous' else 'matched' end as match_status
            {%- endif %}
        from numbered_{{ number }} as lines
        inner join numbered_{{ number }} as amended
            on {% for column in group -%}
            lines.{{ column }} = amended.{{ column }}
            and {% endfor -%}
            lines.side = 'amendment'
            and amended.side = 'amended'
        where
            {% if round['together'] -%}
            lines.amendment_lines <> lines.amended_lines
            and lines.amendment_shares = lines.amended_shares
            {%- elif round['alike'] -%}
            lines.line_rank = amended.line_rank
            {%- else -%}
            lines.line_rank = amended.line_rank
            or lines.amendment_lines < lines.amended_lines
            {%- endif %}

    ),

    left_after_{{ number }} as (

        select lines.*
        from {{ open_lines }} as lines
        left join (
            {% for side in ['amendment', 'amended'] -%}
            select distinct
                {{ pair | join(', ') }},
                '{{ side }}' as side,
                {{ 'line_ordinal' if side == 'amendment' else 'amended_line_ordinal as line_ordinal' }}
            from matched_{{ number }}
            {{ 'union all' if not loop.last }}
            {% endfor -%}
        ) as matched
            on {% for column in pair + ['side', 'line_ordinal'] -%}
            lines.{{ column }} = matched.{{ column }}
            {{ 'and ' if not loop.last }}{% endfor -%}
        where matched.record_id is null

    ),

    {% endfor -%}
    matches as (

        {% for round in rounds -%}
        select * from matched_{{ loop.index }}
        {{ 'union all' if not loop.last }}
        {% endfor %}
    )
{%- endmacro %}
