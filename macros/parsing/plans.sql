{#-
    What notes of an SEC filing say of a trade: true where it was made under a plan of Rule 10b5-1 or the like, false where they deny it, null where
    they say neither. A note (a line of `notes`) that denies it in one sentence is not outweighed by a plan in another; another note is. `is_acquisition`
    is the condition under which sentences and notes that speak of sales alone do not count.
-#}
{% macro plan_told(notes, is_acquisition) -%}
    {%- set text = plan_text(notes) -%}
    {%- set end_of_sentence = '[.;!?][")]* +' -%}
    {%- set counts = 'not (coalesce(' ~ is_acquisition ~ ', false) and (' ~ speaks_of_sales_alone('sentence') ~ ' or ' ~ speaks_of_sales_alone('note') ~ '))' -%}
    {%- set affirms = any_part('note', end_of_sentence, 'sentence', says_planned('sentence') ~ ' and ' ~ counts) -%}
    {%- set denies = any_part('note', end_of_sentence, 'sentence', says_unplanned('sentence') ~ ' and ' ~ counts) -%}
    case
        when not coalesce({{ matches_pattern('lower(' ~ notes ~ ')', "'b[^a-z0-9]{0,5}[15]|trading plan|pre[- ]?(arrang|establish|determin|set)'") }}, false) then null
        when {{ any_part(text, '\\n', 'note', affirms ~ ' and not ' ~ denies) }} then true
        when {{ any_part(text, '\\n', 'note', names_plan('note') ~ ' and ' ~ denies) }} then false
    end
{%- endmacro %}

{#- Notes as the patterns of plans are searched in them: lower case, without dots that end no sentence, the rule's number as `10b5-1` however it is misspelt. -#}
{% macro plan_text(notes) -%}
    {%- set gap = '[^a-z0-9]{0,5}' -%}
    {%- set ten = '(10|1o|l0|lo|i0)' -%}
    {%- set one = '(([.]|[^a-z0-9.;]{0,5})1|[^a-z0-9 ]{0,2}[il])' -%}
    {%- set rule = ten ~ gap ~ '(b' ~ gap ~ '5' ~ one ~ '|5' ~ gap ~ 'b' ~ gap ~ '1|b' ~ gap ~ '1' ~ gap ~ '5(' ~ gap ~ '1)?)' -%}
    {%- set numbered = replace_pattern('lower(' ~ notes ~ ')', rule, '10b5-1') -%}
    {%- set whole = replace_pattern(numbered, '(^|[ ,("])(([a-z]|mr|mrs|ms|dr|inc|corp|ltd|co|llc|jr|sr|no|st|messrs)[.] *)+', ' ') -%}
    {{ replace_pattern(whole, ',? (but|however|although|whereas|and (was|were|is|are)) ', ', ') }}
{%- endmacro %}

{#- True where a text names a plan arranged before the trade; the rule 10b5-1 alone stands for its plan, the antifraud rule 10b-5 does not. -#}
{% macro names_plan(text) -%}
    {%- set antifraud = '10[^a-z0-9]{0,5}b[^a-z0-9]{0,5}[15]' -%}
    {%- set kinds = '(trading|trade|written|purchase|sales?|stock|shares?|securities|buying|selling|pre[- ]?arranged|automatic|type)' -%}
    {%- set plans = '(plan|program|arrangement|instruction)' -%}
    {{ matches_pattern(text, "'10b5-1|trading plan|pre[- ]?(arranged|established|determined|set) ([a-z]+ ){0,2}" ~ plans
        ~ '|' ~ antifraud ~ '[^a-z0-9]{1,3}(' ~ kinds ~ '[^a-z0-9]{1,3}){0,4}' ~ plans
        ~ '|(trading|written) ' ~ plans ~ '.*' ~ antifraud ~ "([^0-9]|$)'") }}
{%- endmacro %}

{#- True where a sentence says that a trade was made under a plan; the end of a plan is no trade. -#}
{% macro says_planned(sentence) -%}
    {%- set end = '(terminat|cancel|suspend|revok|expir|discontinu)' -%}
    ({{ names_plan(sentence) }}
    and (
        not {{ matches_pattern(sentence, "'" ~ end ~ '.*(10b5-1|plan)|(10b5-1|plan).* (was|were|has|have|had|is|been|being) .{0,30}' ~ end ~ "'") }}
        or {{ matches_pattern(sentence, "'(made|effect|execut|purchase|acqui|bought|sold|occurred|carried out).* (pursuant to|under|through|in accordance with|as part of) .*(10b5-1|plan)'") }}
    ))
{%- endmacro %}

{#- True where a sentence denies of a trade the plan that it or one before it names; a `not` that is said of something else denies nothing. -#}
{% macro says_unplanned(sentence) -%}
    {%- set plan = '(10b5-1|10[^a-z0-9]{0,5}b[^a-z0-9]{0,5}5|(such|this|that|the|any|a) ([a-z-]+ )?(plan|arrangement|contract))' -%}
    {%- set helpers = '((also|be|been|being|have|has|had|in fact|otherwise|themselves|itself)[^a-z,]+)*' -%}
    {%- set trades = '(made|effect(ed|uated)?|execut(ed?|ing)|purchased?|acquired?|bought|buy|sold|sell|traded?|done|carried out|conducted|completed|undertaken|entered into|occurr?(ed)?)' -%}
    {%- set links = '((a|an|any|the|his|her|its|their|such|this|that|of|on|to|pursuant|under|through|in|into|by|from|with|accordance|connection|reliance|terms?|use|using|scope|benefit|trading|trades?'
        ~ '|written|existing|adopt(ed)?|entered|establish(ed)?|purchase|sales?|plans?|arrangements?|rules?|sec|securities|exchange|act|reporting|persons?|s|part|result|subject|covered|related|relate|relies'
        ~ '|rely|made|effected|have|had|having|represent|reflect|constitute|intended|satisfy|affirmative|defense|conditions)[^a-z,]+)*' -%}
    {{ matches_pattern(sentence, "'(^|[^a-z])(not|never|neither|nor|[a-z]+n[^a-z0-9 ]t)(,[^,]*,)? " ~ helpers ~ trades ~ '[^a-z,]([^,]*[^a-z0-9,])?' ~ plan
        ~ '|(^|[^a-z])(no|none of) ((of|the|these|such|part|portion|reported|other)[^a-z,]+)*(trade|transaction|purchase|sale|acquisition|share|securit)[^,]* (was|were|is|are|been) [^,]*[^a-z0-9,]' ~ plan
        ~ '|(^|[^a-z])(not|no|never|neither|nor|[a-z]+n[^a-z0-9 ]t|other than|rather than|instead|outside|without|absent|independent(ly)?|unrelated|separate(ly)?|apart|aside|non)[^a-z,]+' ~ links ~ plan
        ~ "'") }}
{%- endmacro %}

{#- True where a sentence tells of sales and of no other transactions. -#}
{% macro speaks_of_sales_alone(sentence) -%}
    ({{ matches_pattern(sentence, "'(^|[^a-z])(sales?|sold|sell|selling|dispos[a-z]*)([^a-z]|$)'") }}
    and not {{ matches_pattern(sentence, "'purchase|acqui|bought|buy|exercis|conver|(^|[^a-z])(all|the|this|these|each|such|reported) (reported )?(transaction|trade)s?([^a-z]|$)'") }})
{%- endmacro %}
