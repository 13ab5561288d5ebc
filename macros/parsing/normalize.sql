{#- Text as the mapping seeds compare it: lower case, with one blank for every run of punctuation and spaces. -#}
{% macro normalize_text(text) -%}
    trim({{ replace_pattern(lower_text(text), '[ \t\r\n\u00a0\u202f.()":\u2019\u2012-\u2015\'\'-]+', ' ') }})
{%- endmacro %}

{#- A person's name as it is compared where a feed gives no id: lower case, punctuation and spaces as one blank; empty is null. -#}
{% macro normalize_name(name) -%}
    nullif(trim({{ replace_pattern(lower_text(name), '[ \t\r\n\u00a0\u202f.,;"\u2018\u2019\u02bc\u2012-\u2015\'\'-]+', ' ') }}), '')
{%- endmacro %}

{#-
    A note as the seed `placement_phrases` is searched in it: lower case, numbers with a comma or a dot as 0, without the day of an agreement, and
    without what would end a sentence early (titles, initials and legal forms with a dot). The name of a fund or a company of holders says nothing of
    a trade; a denied `open market` is `off-market`, its price is no trade in it, and an `Open Market Sale Agreement` is a programme of the issuer.
-#}
{% macro readable_note(note) -%}
    {%- set entities = '([A-Z][A-Za-z0-9&-]*[a-z0-9&],? )+(Funds?|Holdings|LLC|LP|LLLP|L[.]P[.]|L[.]L[.]C[.])' -%}
    {%- set denied = '(not|non|other than|rather than|outside|instead of)'
        ~ '([ ,-]+(in|on|at|by|through|via|of|an?|the|any|made|part|purchased|acquired|bought|effected|executed))*[ ,-]+open[- ]market' -%}
    {%- set spellings = [
        ('open[- ]market sales? agreement', 'at-the-market agreement'),
        ('open[- ]market (closing |trading |purchase |sale )?(prices?|values?|quot[a-z]+)', 'market price'),
        ('closing prices?( [^ ]+){0,2} (in|on|of) the open[- ]market', 'market price'),
        (denied, 'off-market'),
        ('(dated|effective) (as of |on )?([a-z]+ [0-9]+, [0-9]{4}|this day)', 'dated'),
        ('[0-9]+([.,][0-9]+)+', '0'),
        ('(^|[ .,("])(([a-z]|mr|mrs|ms|dr|inc|corp|ltd|co|llc|jr|sr|no|st|messrs)[.] )+', ' '),
    ] -%}
    {%- set plain = 'lower(' ~ replace_pattern(note, entities, 'entity') ~ ')' -%}
    {%- set text = namespace(sql='translate(' ~ plain ~ ", '\u2018\u2019\u201c\u201d', chr(39) || chr(39) || '\"\"')") -%}
    {%- for pattern, spelling in spellings -%}
        {%- set text.sql = replace_pattern(text.sql, pattern, spelling) -%}
    {%- endfor -%}
    {{ text.sql }}
{%- endmacro %}

{#-
    A note with `the issuer` for the issuer's name, in any case, without the legal forms behind it. A name of one word counts with its legal form
    alone (`Unit Corp`), and no name counts that is part of a longer one (`Example Capital Management` where the issuer is Example Capital Corp).
-#}
{% macro with_issuer_named(note, issuer_name) -%}
    {%- set forms = '(?i:incorporated|inc|corporation|corp|company|co|limited|ltd|plc|llc|lllp|llp|lp|nv|sa|ag|se|ab|asa|oyj|spa)' -%}
    {#- What may stand behind a name though it begins with a capital: what is the issuer's, and the next sentence. -#}
    {%- set behind = 'Common|Class|Ordinary|Series|Shares?|Stock|The|This|These|That|Those|On|In|As|At|Each|All|Any|Mr|Ms|Dr|He|She|It|Price'
        ~ '|Includes?|Represents?|Reflects?|Held|Pursuant|Reporting|Following|Upon' -%}
    {%- set words = 'trim(' ~ replace_pattern(replace_pattern(issuer_name, '/[A-Za-z. ]{2,}/?$', ''), '[^A-Za-z0-9]+', ' ') ~ ')' -%}
    {%- set core = replace_pattern(replace_pattern(words, '^(?i:the) ', ''), '( ' ~ forms | replace('(?i:', '(?i:and|') ~ ')+$', '') -%}
    {%- set pattern -%}
        '(^|[^A-Za-z0-9])([Tt]he )?' || upper(left({{ core }}, 1))
        || '(?i:' || replace(substring({{ core }}, 2), ' ', '[^A-Za-z0-9]{1,3}') || ')((?:,?[^A-Za-z0-9]{{ forms }}[.]?)'
        || case when contains({{ core }}, ' ') then '*' else '+' end
        || ')([^A-Za-z0-9 ]| [^A-Z]| (?:{{ behind }})[^A-Za-z0-9]|$)'
    {%- endset -%}
    case
        when
            length(replace({{ core }}, ' ', '')) > 3
            and contains(lower({{ note }}), lower(split_part({{ core }}, ' ', 1)))
            then {{ replace_matches(note, '(' ~ pattern ~ ')', '\\1the issuer\\3\\4') }}
        else {{ note }}
    end
{%- endmacro %}

{#- A note that tells of more than one trade, with `this day` and `these 0` for the date and the whole number of shares of one. -#}
{% macro with_trade_named(note, day, shares) -%}
    {%- set months = "'January,February,March,April,May,June,July,August,September,October,November,December'" -%}
    {%- set month = 'split_part(' ~ months ~ ", ',', cast(extract(month from " ~ day ~ ') as int))' -%}
    {%- set of_day = {} -%}
    {%- for field in ['day', 'month', 'year'] -%}
        {%- do of_day.update({field: 'cast(extract(' ~ field ~ ' from ' ~ day ~ ') as string)'}) -%}
    {%- endfor -%}
    {%- set two = {'day': 'lpad(' ~ of_day.day ~ ", 2, '0')", 'month': 'lpad(' ~ of_day.month ~ ", 2, '0')"} -%}
    {%- set whole = 'case when ' ~ shares ~ ' = floor(' ~ shares ~ ') and ' ~ shares ~ ' > 0 then cast(' ~ shares ~ ' as bigint) end' -%}
    {%- set names = [
        (month ~ " || ' ' || " ~ of_day.day ~ " || ', ' || " ~ of_day.year, 'this day'),
        (month ~ " || ' ' || " ~ two.day ~ " || ', ' || " ~ of_day.year, 'this day'),
        (of_day.month ~ " || '/' || " ~ of_day.day ~ " || '/' || " ~ of_day.year, 'this day'),
        (two.month ~ " || '/' || " ~ two.day ~ " || '/' || " ~ of_day.year, 'this day'),
        ('cast(' ~ day ~ ' as string)', 'this day'),
        ("' ' || " ~ grouped_number(whole) ~ " || ' '", ' these 0 '),
        ("' ' || cast(" ~ whole ~ " as string) || ' '", ' these 0 '),
    ] -%}
    {%- set text = namespace(sql=note) -%}
    {%- for name, plain in names -%}
        {#- chr(1) is in no note: where the line has no date or no whole number of shares, nothing is replaced. -#}
        {%- set text.sql = 'replace(' ~ text.sql ~ ', coalesce(' ~ name ~ ", chr(1)), '" ~ plain ~ "')" -%}
    {%- endfor -%}
    {{ text.sql }}
{%- endmacro %}

{#-
    `text`, or null where it is what programs and people write into a cell without a value: a dash, `null`, `none`, `n/a` … `is_name` spares `NA` and
    `NAN`, which are a country and tickers.
-#}
{% macro given_text(text, is_name) -%}
    nullif({{ replace_pattern(text, '^(?i:[-\u2012-\u2015]+|null|none|nil|undefined|n[.]?/?a[.]|n/a|#n/a|<na>' ~ ('' if is_name else '|na|nan|nat') ~ ')$', '') }}, '')
{%- endmacro %}

{#- A pattern of a seed as SQL. Its parentheses tell it from a pattern that was written in a model. -#}
{% macro constant_pattern(pattern) -%}
    ('{{ dbt.escape_single_quotes(pattern) }}')
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

{#-
    True where a word of six letters or more differs from the word `meant` in nothing but accents, or inside it by one letter or by two letters that
    changed places. Accents are taken off first: DuckDB counts the bytes of a letter, and both engines are to count alike.
-#}
{% macro is_misspelling(word, meant) -%}
    {%- set accents = ", 'åäáàâãæöøòóôõéèêëïíîüúùûçñ', 'aaaaaaaooooooeeeeiiiuuuucn')" -%}
    {%- set plain = 'translate(' ~ word ~ accents -%}
    {%- set plain_meant = 'translate(' ~ meant ~ accents -%}
    (
        {{ matches_pattern(plain, "'^[a-z]{6,}$'") }}
        and abs(length({{ word }}) - length({{ meant }})) <= 1
        and left({{ plain }}, 1) = left({{ plain_meant }}, 1)
        and right({{ plain }}, 1) = right({{ plain_meant }}, 1)
        and (
            levenshtein({{ plain }}, {{ plain_meant }}) <= 1
            or (
                levenshtein({{ plain }}, {{ plain_meant }}) = 2
                and array_sort(split({{ plain }}, '')) = array_sort(split({{ plain_meant }}, ''))
            )
        )
    )
{%- endmacro %}
