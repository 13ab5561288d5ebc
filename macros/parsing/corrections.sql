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
