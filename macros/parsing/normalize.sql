{#- Text as the mapping seeds compare it: lower case, with one blank for every run of punctuation and spaces. -#}
{% macro normalize_text(text) -%}
    trim({{ replace_pattern(lower_text(text), '[ \t\r\n\u00a0\u202f.()":\u2019\u2012-\u2015\'\'-]+', ' ') }})
{%- endmacro %}

{#- A person's name as it is compared where a feed gives no id: lower case, punctuation and spaces as one blank; empty is null. -#}
{% macro normalize_name(name) -%}
    nullif(trim({{ replace_pattern(lower_text(name), '[ \t\r\n\u00a0\u202f.,;"\u2018\u2019\u02bc\u2012-\u2015\'\'-]+', ' ') }}), '')
{%- endmacro %}

{#-
    A note as the seed `placement_phrases` is searched in it: lower case, numbers with a comma or a dot as 0, and without what would end a
    sentence early (titles, initials and legal forms with a dot) or a denied `open market`. An `Open Market Sale Agreement` is a programme of the issuer.
-#}
{% macro readable_note(note) -%}
    {%- set plain = "translate(lower(" ~ note ~ "), '\u2018\u2019\u201c\u201d', chr(39) || chr(39) || '\"\"')" -%}
    {%- set programme = replace_pattern(plain, 'open[- ]market sales? agreement', 'at-the-market agreement') -%}
    {%- set denied = replace_pattern(programme, '(not|non|other than|rather than|outside|instead of)[a-z ,-]{0,30}open[- ]market', ' ') -%}
    {%- set rounded = replace_pattern(denied, '[0-9]+([.,][0-9]+)+', '0') -%}
    {{ replace_pattern(rounded, '(^|[ .,("])(([a-z]|mr|mrs|ms|dr|inc|corp|ltd|co|llc|jr|sr|no|st|messrs)[.] )+', ' ') }}
{%- endmacro %}

{#- False for sentences in which no pattern of `placement_phrases` can be found, as most are: one constant pattern is quick to try. -#}
{% macro may_tell_of_a_placement(sentence) -%}
    {%- set words = [
        'offer', 'ipo', 'plac', 'pipe', 'underwrit', 'subscri', 'agreement', 'financ', 'private', 'capital', 'equity', 'regulation', 'rule 506', 'section 4', 'registered',
        'backstop', 'standby', 'newly', 'treasury', '(from|by|with) the', 'directly', 'issu(ed|ance|es?[^r])', 'fees', 'retainer', 'bonus', 'earn', 'substitut', '(issuer|company|registrant|corporation|partnership|bank|fund)[^a-z]* .*s[oe]l[ld]', 'rights?([^a-z]|$)',
        'exercis', 'at[- ]the[- ]market', 'atm', 'warrant', 'conver', 'debt', 'note', 'loan', 'lieu', 'satisf', 'settle', 'repay', 'exchange', 'payment', 'cancel',
        'consideration', 'exting', 'forgiv', 'discharg', 'amounts?', 'compensation', 'merger', 'transfer', 'change in', 'internal', 'cross', 'rebalanc', 'estate',
        'distribut', 'assign', 'contribut', 'moved', 'journal', 'reallocat', 'allocat', 'directed', 'reserved', 'friends', 'reinvest', 'dividend', 'drip', 'plan', 'program',
        'follow-?on', 'espp', 'dspp', 'esop', '401', 'payroll', 'salary', 'sharesave', 'optional', '(controlled|owned|managed|advised|established).* by', 'affiliat', 'of which',
        'from (his|her|its|their|the reporting)'
    ] -%}
    {{ matches_pattern(sentence, "'" ~ words | join('|') ~ "'") }}
{%- endmacro %}

{#-
    `text`, or null where it is what programs and people write into a cell without a value: a dash, `null`, `none`, `n/a` … `is_name` spares `NA` and
    `NAN`, which are a country and tickers.
-#}
{% macro given_text(text, is_name) -%}
    nullif({{ replace_pattern(text, '^(?i:[-\u2012-\u2015]+|null|none|nil|undefined|n[.]?/?a[.]|n/a|#n/a|<na>' ~ ('' if is_name else '|na|nan|nat') ~ ')$', '') }}, '')
{%- endmacro %}

{#- Who an insider is where a feed may give no id: the id, or else the normalized name, marked as one. -#}
{% macro insider_key(insider_id, normalized_name) -%}
    coalesce({{ insider_id }}, 'name:' || {{ normalized_name }})
{%- endmacro %}

{#- One hash of several columns. Each value bears its length, so that no two rows can run together; null and text are told apart. -#}
{% macro fingerprint(columns) -%}
    md5(concat(
        {%- for column in columns %}
        {%- set text = 'cast(' ~ column ~ ' as string)' %}
        coalesce(length({{ text }}) || ':' || {{ text }}, '-'){{ ", '|'," if not loop.last }}
        {%- endfor %}
    ))
{%- endmacro %}

{#-
    Aggregate: one text that stands for a set of fingerprints, in whatever order they come. A sum of their first 60 bits: an ordered list would
    be held in memory for every group at once.
-#}
{% macro fingerprint_of_set(fingerprints) -%}
    cast(sum(cast({{ hexadecimal_number('substring(' ~ fingerprints ~ ', 1, 15)') }} as decimal(38, 0))) as string)
{%- endmacro %}

{#-
    A local date and a UTC timestamp as one text that sorts by the date, then by the timestamp: on which day something is known is what
    decides, and markets end their days at different times.
-#}
{% macro moment(date, timestamp) -%}
    cast({{ date }} as string) || '|' || cast({{ timestamp }} as string)
{%- endmacro %}

{#- The date of a `moment`. -#}
{% macro moment_date(moment) -%}
    cast(split_part({{ moment }}, '|', 1) as date)
{%- endmacro %}

{#- The UTC timestamp of a `moment`. -#}
{% macro moment_timestamp(moment) -%}
    cast(split_part({{ moment }}, '|', 2) as timestamp)
{%- endmacro %}

{#-
    What decides the class of a security in its normalized title: the head, not what stands behind `of`, and no word that belongs to a name (`common
    stock of preferred bank`, `unit corporation common stock`). Shares of a fund are told by the fund's name, so that a title with one is read whole.
-#}
{% macro security_head(title) -%}
    {%- set words = 'preferred|preference|options?|warrants?|notes?|units?|forward|futures?|contract|bonds?|rights?|loan|debt' -%}
    {%- set companies = 'bank|bancorp|bancshares|bankshares|corp|corporation|inc|incorporated|co|company|ltd|plc|ab|ag|sa|nv|care|apartment|industries|media|air' -%}
    {%- set unnamed = 'trim(' ~ replace_pattern(title, '(^| )(' ~ words ~ ') (' ~ companies ~ ')( |,|$)', ' ') ~ ')' -%}
    {%- set head = replace_pattern(unnamed, ' of .*$', '') -%}
    case
        when
            {{ matches_pattern(head, "'(common|ordinary|capital|preferred|preference) (stock|shares?|units?)$'") }}
            and not {{ matches_pattern(unnamed, "'(^| )(funds?|etfs?)( |,|$)'") }}
            then {{ head }}
        else {{ unnamed }}
    end
{%- endmacro %}
