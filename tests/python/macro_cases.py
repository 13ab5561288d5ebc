"""What each macro of macros/engine, macros/parsing and macros/spans.sql must give, whatever the engine: a table of cases in Jinja and SQL.

A case is a query with one text column ``result``. dbt renders and runs all cases at once; texts are
compared, because the engines' own types differ.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

TEXT = "{{ dbt.type_string() }}"
# A moment with its zone, written with an offset.
ZONED = "cast('2026-03-06 21:50:00-05:00' as {{ zoned_timestamp_type() }})"
# A pattern of a seed with an apostrophe, and an end of the text.
QUOTED = "issuer's ([(]|atm([^a-z]|$))"
MAY_9 = "cast(\\'2023-05-09\\' as date)"
NBSP, NARROW_NBSP = "\u00a0", "\u202f"
BLANKS = [
    "\u0085",
    NBSP,
    *map(chr, range(0x2000, 0x200B)),
    "\u2028",
    "\u2029",
    NARROW_NBSP,
    "\u205f",
    "\u3000",
]
# A note, the name of the issuer, and the note with the issuer for it.
NAMED_ISSUERS = [
    ("Purchased from Example Works, Inc.", "EXAMPLE WORKS INC /DE/", "Purchased from the issuer, Inc."),
    ("Bought from EXAMPLE WORKS at $2.", "Example Works Corp", "Bought from the issuer at $2."),
    ("The Example-Works Company's offering", "THE EXAMPLE WORKS CO", "the issuer Company's offering"),
    ("of Example & Works Common Stock", "EXAMPLE & WORKS LTD", "of the issuer Common Stock"),
    ("from Example Works Corp. The price is an average.", "EXAMPLE WORKS CORP", "from the issuer Corp. The price is an average."),
    # A name of one word is a name with its legal form alone.
    ("Each Unit of Unit Corp.", "UNIT CORP", "Each Unit of the issuer Corp."),
    # Part of a longer name, another one, too short a name, and none.
    ("from Example Works Management LLC", "EXAMPLE WORKS CORP", "from Example Works Management LLC"),
    ("from Counterexample Works Inc.", "EXAMPLE WORKS INC", "from Counterexample Works Inc."),
    ("for example works of art", "EXAMPLE WORKS INC", "for example works of art"),
    ("from 3X Co", "3X CO", "from 3X Co"),
    ("from the company", None, "from the company"),
    (None, "EXAMPLE WORKS INC", None),
]  # fmt: skip
HYPHENS = ["\u2010", "\u2011", "\u2212", "\ufe63", "\uff0d"]


# Where the rows of the cases stand in a query.
ROWS = "<rows>"


class Case(NamedTuple):
    """A macro, a query that calls it, and the texts that the query must give, in any order.

    Cases that differ only in their ``rows`` share a ``query``: an engine plans it once. It keeps the number of each row's case.
    """

    macro: str
    query: str
    expected: tuple[str | None, ...]
    rows: str = ""


def of_query(macro: str, query: str, expected: tuple[str | None, ...]) -> Case:
    """A case of a query of its own, with one column ``result``."""
    return Case(
        macro,
        f"select case_number, result from ({ROWS}) as numbered(case_number, result)",
        expected,
        f"select result from ({query}) as of_macro",
    )


def literal(value: str | None) -> str:
    """A SQL literal, typed as text also when it is null; Spark reads a backslash in one as an escape."""
    text = "null" if value is None else "'" + value.replace("'", "''") + "'"
    if value and "\\" in value:
        text = "replace(" + text.replace("\\", "~") + ", '~', chr(92))"
    return f"cast({text} as {TEXT})"


def given(**columns: str | None) -> str:
    """A relation of one row with texts as columns."""
    return "select " + ", ".join(f"{literal(value)} as {name}" for name, value in columns.items())


def of_payloads(**documents: object) -> str:
    """A relation of payloads with their ids; no payload where the document is none."""
    return " union all ".join(
        given(id=name, payload=None if document is None else json.dumps(document))
        for name, document in documents.items()
    )


def value(macro: str, expression: str, expected: str | None, **columns: str | None) -> Case:
    """A case for one expression over one row of texts."""
    query = f"select case_number, cast({{{{ {expression} }}}} as {TEXT}) as result from {_rows_of(columns)}"
    return Case(macro, query, (expected,), given(**columns))


def of_time(macro: str, expression: str, expected: str | None, **columns: str | None) -> Case:
    """A case for one expression over the column ``time``, which is the given ``text`` as `time_text` spells it."""
    spelled = f"select *, {{{{ time_text('text') }}}} as time from {_rows_of(columns)}"
    query = (
        f"select case_number, cast({{{{ {expression} }}}} as {TEXT}) as result from ({spelled}) as spelled"
    )
    return Case(macro, query, (expected,), given(**columns))


def _rows_of(columns: Iterable[str]) -> str:
    return f"({ROWS}) as given(case_number, {', '.join(columns)})"


def of_text(macro: str, arguments: str, pairs: dict[str | None, str | None]) -> list[Case]:
    """Cases for a macro whose first argument is a text: what it makes of each text."""
    return [
        value(macro, f"{macro}('text'{arguments})", expected, text=text) for text, expected in pairs.items()
    ]


def of_rows(macro: str, relation: str, produced: str, result: str, expected: tuple[str | None, ...]) -> Case:
    """A case for a macro that makes rows from the relation ``given``."""
    query = (
        f"with given as ({relation}) select cast({result} as {TEXT}) as result from ({produced}) as produced"
    )
    return of_query(macro, query, expected)


RECORD = '{"id": 7, "company": {"name": " Works "}, "lines": [{"n": 1}, "two", null], "shares": 12.5, "none": null, "flag": true}'


JSON_CASES = [
    *[
        value(
            "json_texts",
            f"list_item(json_texts('payload', [json_path('{path}')]), 0)",
            expected,
            payload=RECORD,
        )
        for path, expected in {
            "id": "7",
            "company.name": " Works ",
            "shares": "12.5",
            "flag": "true",
            "none": None,
            "absent": None,
            "company.name.deeper": None,
        }.items()
    ],
    value("json_texts", "list_item(json_texts('payload', ['$.a', '$.b']), 1)", None, payload=None),
    value(
        "each_item",
        "list_item(each_item(json_texts('payload', ['$.id']), 'one', 'upper(one)'), 0)",
        "A1",
        payload='{"id": "a1"}',
    ),
    *[
        value(
            "json_field_texts",
            f"list_item(json_field_texts('payload', {{'id': ['first', 'second']}}), {position})",
            expected,
            payload='{"first": "\\u00a0a\\u0301 b ", "second": " \\uff18"}',
        )
        for position, expected in enumerate(["\u00e1 b", "8"])
    ],
    # Numbers are read as doubles and written as JavaScript does; texts that look like numbers stay as they are.
    *[
        value(
            "json_texts",
            "list_item(json_texts('payload', [json_path('a')]), 0)",
            expected,
            payload=f'{{"a": {given_value}}}',
        )
        for given_value, expected in {
            "12.50": "12.5",
            '"12.50"': "12.50",
            "1.0": "1.0",
            "-0.0010": "-0.001",
            "12345678.90": "12345678.9",
            "1e3": "1000.0",
            '"1e3"': "1e3",
            "0.1234567890123456789": "0.12345678901234568",
            "1e-7": "1e-7",
            "0.000001": "0.000001",
            "1e20": "100000000000000000000.0",
            "1e21": "1e21",
            "18446744073709551615": "18446744073709551615",
            "123456789012345678901234567890": "123456789012345678901234567890",
            '{"z": 1, "a": "x"}': '{"z":1,"a":"x"}',
            '["b", null, 1]': '["b",null,1]',
            # A list of one value is that value, however it is written.
            '["AAA"]': "AAA",
            "[7]": "7",
            "[true]": "true",
            "[null]": None,
            "[]": None,
            '[["AAA"]]': '[["AAA"]]',
            '[{"z": 1}]': '[{"z":1}]',
            # A text is none.
            '"[NONE]"': "[NONE]",
            '"[AAA] Works"': "[AAA] Works",
        }.items()
    ],
    *[
        value(
            "json_is_number",
            "json_is_number([['element', '$.\"a\"'], ['record', '$.\"a\"'], ['record', '$.\"b\".\"c\"']])",
            expected,
            element=element,
            record=record,
        )
        for element, record, expected in [
            ('{"a": 12.345}', "{}", "true"),
            ('{"a": 7}', "{}", "true"),
            ('{"a": "12.345"}', '{"a": 12.345}', "false"),
            ('{"a": null}', '{"a": 12.345}', "true"),
            ("{}", '{"b": {"c": -1}}', "true"),
            ("{}", '{"a": "1", "b": {"c": -1}}', "false"),
            ('{"a": [7]}', "{}", "true"),
            ('{"a": [-12.345]}', "{}", "true"),
            ('{"a": ["12.345"]}', "{}", "false"),
            ('{"a": []}', '{"a": 1}', "true"),
            ('{"a": [null]}', '{"a": "1"}', "false"),
            ("{}", "{}", "false"),
            (None, None, "false"),
        ]
    ],
    *of_text(
        "plain_text",
        "",
        {
            "AAA": "AAA",
            "[NONE]": "[NONE]",
            '["AAA","BBB"]': None,
            '{"symbol":"AAA"}': None,
            "{AAA}": "{AAA}",
            "": "",
            None: None,
        },
    ),
    value(
        "list_item",
        "list_item(json_texts('payload', ['$.a', '$.b']), 0)",
        "x",
        payload='{"a": "x", "b": "y"}',
    ),
    value(
        "list_item",
        "list_item(json_texts('payload', ['$.a', '$.b']), 1)",
        "y",
        payload='{"a": "x", "b": "y"}',
    ),
    *[
        value("json_is_array", f"json_is_array('payload', json_path('{path}'))", expected, payload=RECORD)
        for path, expected in {
            "lines": "true",
            "company": "false",
            "none": "false",
            "absent": "false",
        }.items()
    ],
    *[
        value("json_is_object", "json_is_object('payload')", expected, payload=payload)
        for payload, expected in {
            "{}": "true",
            RECORD: "true",
            "[1]": "false",
            '"text"': "false",
            "12": "false",
            "null": "false",
            None: "false",
        }.items()
    ],
    of_rows(
        "json_elements",
        f"{given(id='A', payload=RECORD)} union all {given(id='B', payload='{}')} union all {given(id='C', payload=None)}",
        "{{ json_elements('given', 'payload', [json_path('lines')], ['id']) }}",
        "id || ' ' || ordinal || ' ' || element",
        ('A 1 {"n":1}', 'A 2 "two"', "A 3 null"),
    ),
    # A text that looks like an object is none.
    of_rows(
        "json_elements",
        given(id="A", payload=json.dumps({"lines": ['{"n": 1}']})),
        "{{ json_elements('given', 'payload', [json_path('lines')], ['id']) }}",
        "{{ json_is_object('element') }}",
        ("false",),
    ),
    # Several lists count on; a document may lack one of them.
    of_rows(
        "json_elements",
        of_payloads(A={"lines": [1, 2], "more": [3]}, B={"more": [4]}, C={"lines": [5], "more": "x"}),
        "{{ json_elements('given', 'payload', [json_path('lines'), json_path('more')], ['id']) }}",
        "id || ' ' || ordinal || ' ' || element",
        ("A 1 1", "A 2 2", "A 3 3", "B 1 4", "C 1 5"),
    ),
    of_rows(
        "json_objects",
        of_payloads(
            A={"lines": [{"n": 1}, "two", None]},
            B={"lines": []},
            C={"more": [{"n": "x"}, {"n": [1, None]}]},
            D=None,
        ),
        "{{ json_objects('given', 'payload', [json_path('lines'), json_path('more')], ['id']) }}",
        "id || ' ' || coalesce(element, '-')",
        ('A {"n":1}', "B -", 'C {"n":"x"}', 'C {"n":[1,null]}', "D -"),
    ),
    # A text that looks like an object is none here either.
    of_rows(
        "json_objects",
        of_payloads(A={"lines": ['{"n": 1}']}),
        "{{ json_objects('given', 'payload', [json_path('lines')], ['id']) }}",
        "id || ' ' || coalesce(element, '-')",
        ("A -",),
    ),
    of_rows(
        "json_members",
        given(id="A", payload='{"Date": "2026-03-02", "USD": "1.0834", "N/A": null, "two words": "x"}'),
        "{{ json_members('given', 'payload', ['id']) }}",
        "id || ' ' || name || ' ' || coalesce(value, '-')",
        ("A Date 2026-03-02", "A USD 1.0834", "A N/A -", "A two words x"),
    ),
    of_query("json_path", """select '{{ json_path("id") }}' as result""", ('$."id"',)),
    of_query("json_path", """select '{{ json_path("company.name") }}' as result""", ('$."company"."name"',)),
    of_query("json_path", """select '{{ json_path("$.lines[0].n") }}' as result""", ("$.lines[0].n",)),
    of_query(
        "json_field_paths",
        """select '{{ json_field_paths({"a": "x.y", "b": ["p", "q"]}) | join(" ") }}' as result""",
        ('$."x"."y" $."p" $."q"',),
    ),
    of_query(
        "json_field_items",
        """select '{{ json_field_items({"a": "x", "b": ["p", "q"]}, "texts").values() | map("length") | join(" ") }}' as result""",
        ("1 2",),
    ),
    # The first alternative that is given, blank text being none; then what the record around it says.
    *[
        of_query(
            "json_field_columns",
            "{% set fields = {'a': 'a', 'b': ['b', 'c']} %}"
            f"select {column} as result from (select {{{{ json_field_columns(fields, fallback_fields=fields) }}}} from ("
            "select {{ json_field_texts('element', fields) }} as texts,"
            " {{ json_field_texts('record', fields) }} as record_texts"
            f" from ({given(element=element, record=record)}) as given) as read_texts) as fields",
            (expected,),
        )
        for column, element, record, expected in [
            ("a", '{"a": " x "}', '{"a": "y"}', "x"),
            ("a", f'{{"a": " {NBSP} "}}', '{"a": "y"}', "y"),
            ("a", '{"a": null}', None, None),
            ("b", '{"c": "z"}', '{"b": "y"}', "z"),
            ("b", '{"b": "", "c": ""}', '{"c": "w"}', "w"),
        ]
    ],
    # In a generic feed a cell of nothing is none, except where a mapping seed says what it means.
    *[
        of_query(
            "json_field_columns",
            "{% set fields = {'currency': 'a', 'insider_role': 'a', 'ticker': 'a'} %}"
            f"select {column} as result from (select {{{{ json_field_columns(fields, fallback_fields=fields, of_feed=of_feed) }}}} from ("
            "select {{ json_field_texts('element', fields) }} as texts,"
            " {{ json_field_texts('record', fields) }} as record_texts"
            f" from ({given(element=element, record=record)}) as given) as read_texts) as fields".replace(
                "of_feed=of_feed", f"of_feed={of_feed}"
            ),
            (expected,),
        )
        for column, of_feed, element, record, expected in [
            ("currency", True, '{"a": "N/A"}', '{"a": "USD"}', "USD"),
            ("currency", True, '{"a": "null"}', None, None),
            ("currency", False, '{"a": "N/A"}', '{"a": "USD"}', "N/A"),
            ("insider_role", True, '{"a": "None"}', '{"a": "CEO"}', "None"),
            ("ticker", True, '{"a": "NA"}', None, "NA"),
            # What cannot be read does not give way to another place.
            ("ticker", True, '{"a": ["Q", "R"]}', '{"a": "P"}', '["Q","R"]'),
            ("ticker", False, '{"a": ["Q", "R"]}', '{"a": "P"}', None),
        ]
    ],
    *[
        of_query(
            "plain_names",
            f"select {column} as result from (select {{{{ plain_names('given', ['ticker', 'url']) }}}}"
            f" from ({given(ticker=ticker, url=url)}) as given) as named",
            (expected,),
        )
        for column, ticker, url, expected in [
            ("ticker", "AAA", '["x","y"]', "AAA"),
            ("url", "AAA", '["x","y"]', None),
            ("unreadable_names", "AAA", '["x","y"]', 'url=["x","y"]'),
            ("unreadable_names", '{"a":1}', '["x","y"]', 'ticker={"a":1}\x1furl=["x","y"]'),
            ("unreadable_names", "AAA", None, None),
        ]
    ],
    *[
        value("is_unreadable_name", f"is_unreadable_name('text', '{name}')", expected, text=text)
        for text, name, expected in [
            ('url=["x"]\x1fticker=["a=b"]', "ticker", "true"),
            ('url=["x"]\x1fticker=["a=b"]', "url", "true"),
            ('issuer_id=["x"]', "id", "false"),
            (None, "ticker", "false"),
        ]
    ],
    of_query("name_fields", """select '{{ name_fields() | length }}' as result""", ("8",)),
]

TEXT_CASES = [
    value("replace_pattern", "replace_pattern('text', '[0-9]+', '#')", "a#b#", text="a1b22"),
    value("replace_pattern", "replace_pattern('text', '[0-9]+', '#')", None, text=None),
    value("replace_pattern", r"replace_pattern('text', '([a-z])([0-9])', '\\2\\1')", "1a-2b", text="a1-b2"),
    value("matches_pattern", """matches_pattern('text', "'^[a-z]+[.]$'")""", "true", text="abc."),
    value("matches_pattern", """matches_pattern('text', "'^[a-z]+[.]$'")""", "false", text="abc. d"),
    value("matches_pattern", "matches_pattern('text', 'pattern')", "true", text="a private placement", pattern="private +place"),
    # The end of the text is not before a line break at its end.
    value("matches_pattern", """matches_pattern('text', "'^[a-z]+$'")""", "false", text="abc\n"),
    value("any_part", """any_part('text', '[.] *', 'sentence', "sentence = 'no b'")""", "true", text="a. no b. c"),
    value(
        "any_part", """any_part('text', '[.] *', 'sentence', "sentence = 'no b' and wanted = 'yes'")""", "false",
        text="a. no b", wanted="no",
    ),
    value(
        "any_part", """any_part('text', '\\\\n', 'note', any_part('note', ',', 'word', "word = 'b' and note <> 'a,b'"))""", "true",
        text="a,b\nc,b",
    ),
    value("any_part", """any_part('text', '[.] *', 'sentence', "sentence = 'b'")""", "false", text=None),
    value("lower_text", "lower_text('text')", "chief ïé verkställande", text="CHIEF ÏÉ VERKSTÄLLANDE"),
    value("lower_text", "lower_text('text')", "ilker παπαδόπουλοσ", text="\u0130LKER ΠΑΠΑΔΌΠΟΥΛΟΣ"),
    value("lower_text", "lower_text('text')", None, text=None),
    value("extract_pattern", "extract_pattern('text', 'pattern')", "rights  issue", text="a rights  issue", pattern="rights +issue"),
    # What a name looks like decides, not how its letters are encoded.
    *of_text(
        "clean_text",
        "",
        {
            "annule\u0301e": "annul\u00e9e",
            "Styrelseordfo\u0308rande": "Styrelseordf\u00f6rande",
            "Fo\u0308rva\u0308rv": "F\u00f6rv\u00e4rv",
            "S\u00f8ren": "S\u00f8ren",
            "\u212b": "\u00c5",
            # All of ASCII that can be seen, in full width; a number stays what it is, and a mark of a note is no digit.
            "".join(chr(code + 0xFEE0) for code in range(0x21, 0x7F)): "".join(map(chr, range(0x21, 0x7F))),
            "\uff22\uff55\uff59\u3000\uff11\uff12\uff0e\uff15": "Buy 12.5",
            "\uff25\u0301": "\u00c9",
            "100\u00b9": "100\u00b9",
            # Every blank, hyphen and minus as the one of ASCII.
            **{f"Robin{blank}Sample": "Robin Sample" for blank in BLANKS},
            **{f"Ann{hyphen}Mari": "Ann-Mari" for hyphen in HYPHENS},
            "\u3000Robin\u2009\u2009Sample\u2003": "Robin  Sample",
            "Ro\u00adbin": "Robin",
            "\ufeffRobin\u200b Sam\u2060ple\u200e": "Robin Sample",
            f"\u200b{NBSP} Robin {NBSP}\u200b": "Robin",
            "\u200b": "",
            " plain ": "plain",
            "": "",
            None: None,
        },
    ),
    value("trim_text", "trim_text('text')", "a b", text=f" \t\r\n{NBSP}a b{NARROW_NBSP} "),
    *of_text("trim_text", "", {f" {NBSP}": "", "": "", "a  b": "a  b", " a": "a", f"a{NBSP}": "a", None: None}),
    *of_text("trim_text", "", {"a\n": "a", "\n a\nb": "a\nb"}),
    of_rows(
        "split_into_rows",
        f"{given(id='A', text='one, two;three')} union all {given(id='B', text='alone')}",
        "{{ split_into_rows('given', 'text', '[,;]', ['id']) }}",
        "id || '|' || ordinal || '|' || part",
        ("A|1|one", "A|2| two", "A|3|three", "B|1|alone"),
    ),
    of_rows(
        "ordered_list",
        f"{given(text='b', place='1')} union all {given(text='a', place='2')} union all {given(text='c', place='0')}",
        "select {{ ordered_list('text', 'place', ' < ') }} as listed from given",
        "listed",
        ("c < b < a",),
    ),
    of_rows(
        "ordered_list",
        f"{given(text='b')} union all {given(text='a')} union all {given(text='b')} union all {given(text=None)}",
        "select {{ ordered_list('distinct text', 'text') }} as listed from given",
        "listed",
        ("a,b",),
    ),
    *[
        value("replace_matches", "replace_matches('text', 'pattern', '<\\\\1>')", expected, text="a1 b2", pattern=pattern)
        for pattern, expected in {"([0-9])": "a<1> b<2>", "(b).$": "a1 <b>", "(c)": "a1 b2"}.items()
    ],
]  # fmt: skip


def _timestamp(text: str) -> str:
    return f"\"cast('{text}' as timestamp)\""


TIME_CASES = [
    # On either side of both changes of the clocks, and in the zone in which a day ends last.
    *[
        value("to_utc", f"to_utc({_timestamp(local)}, 'zone')", expected, zone=zone)
        for local, zone, expected in [
            ("2026-03-06 22:00:00", "America/New_York", "2026-03-07 03:00:00"),
            ("2026-03-08 22:00:00", "America/New_York", "2026-03-09 02:00:00"),
            ("2026-11-01 22:00:00", "America/New_York", "2026-11-02 03:00:00"),
            ("2026-03-29 23:59:59", "Europe/Stockholm", "2026-03-29 21:59:59"),
            ("2026-03-06 23:59:59", "Etc/GMT+12", "2026-03-07 11:59:59"),
            ("2026-03-06 12:00:00", "Asia/Kolkata", "2026-03-06 06:30:00"),
            # An hour that is there twice, and one that is not there.
            ("2026-11-01 01:30:00", "America/New_York", "2026-11-01 06:30:00"),
            ("2026-10-25 02:30:00", "Europe/Paris", "2026-10-25 01:30:00"),
            ("2026-03-08 02:30:00", "America/New_York", "2026-03-08 07:30:00"),
        ]
    ],
    *[
        value("from_utc", f"from_utc({_timestamp(moment)}, 'zone')", expected, zone=zone)
        for moment, zone, expected in [
            ("2026-03-07 03:00:00", "America/New_York", "2026-03-06 22:00:00"),
            ("2026-03-09 02:00:00", "America/New_York", "2026-03-08 22:00:00"),
            ("2026-03-07 11:59:59", "Etc/GMT+12", "2026-03-06 23:59:59"),
            ("2026-03-06 20:00:00", "Australia/Sydney", "2026-03-07 07:00:00"),
        ]
    ],
    value("at_time", "at_time('cast(day as date)', 'clock')", "2026-03-06 22:00:00", day="2026-03-06", clock="22:00:00"),
    value("at_time", "at_time('cast(day as date)', 'clock')", "2026-03-06 00:00:00", day="2026-03-06", clock="00:00:00"),
    value("at_time", "at_time('cast(day as date)', 'clock')", None, day=None, clock="22:00:00"),
    of_query(
        "utc_timestamp",
        f"select cast({{{{ utc_timestamp('moment') }}}} as {TEXT}) as result from (select {ZONED} as moment) as given",
        ("2026-03-07 02:50:00",),
    ),
    # With a zone in its type, the same moment is equal however its offset is written.
    of_query(
        "zoned_timestamp_type",
        f"select cast({ZONED} = cast('2026-03-07 04:50:00+02:00' as {{{{ zoned_timestamp_type() }}}}) as {TEXT}) as result",
        ("true",),
    ),
    value("epoch_timestamp", "epoch_timestamp('cast(text as bigint)')", "2026-03-02 10:00:00", text="1772445600"),
    value("epoch_timestamp", "epoch_timestamp('cast(text as bigint) / 1000.0')", "2026-03-02 10:00:00.25", text="1772445600250"),
    *[
        value("date_by_form", f"date_by_form('text', '{form}')", expected, text=text)
        for text, form, expected in [
            ("02-MAR-2026", "%d-%b-%Y", "2026-03-02"),
            ("2.3.2026", "%d.%m.%Y", "2026-03-02"),
            ("31.02.2026", "%d.%m.%Y", None),
            ("soon", "%d.%m.%Y", None),
            (None, "%d.%m.%Y", None),
        ]
    ],
    *[
        value("weekday", "weekday('cast(day as date)')", str(number), day=f"2026-03-0{number + 1}")
        for number in range(1, 8)
    ],
    of_query(
        "days_between",
        f"select cast(date_day as {TEXT}) as result from ({{{{ days_between('2028-02-28', '2028-03-01') }}}}) as days",
        ("2028-02-28", "2028-02-29", "2028-03-01"),
    ),
    of_query(
        "days_between",
        f"select cast(date_day as {TEXT}) as result from ({{{{ days_between('2028-03-01', '2028-03-01') }}}}) as days",
        ("2028-03-01",),
    ),
    *[
        value("days_from", "days_from('cast(first as date)', 'cast(last as date)')", expected, first=first, last=last)
        for first, last, expected in [
            ("2028-02-28", "2028-03-01", "2"),
            ("2026-03-06", "2026-03-06", "0"),
            ("2026-03-06", "2026-03-01", "-5"),
            ("2026-03-06", None, None),
        ]
    ],
    *[
        value("period_of", "period_of('cast(day as date)', 31)", expected, day=day)
        for day, expected in [("1970-01-01", "0"), ("1970-01-31", "0"), ("1970-02-01", "1"), ("1969-12-31", "-1"), ("2026-03-06", "661")]
    ],
]  # fmt: skip


def _decimal(column: str, precision: int, scale: int = 6) -> str:
    return f"'cast({column} as decimal({precision}, {scale}))'"


# Amounts beyond what a double or a whole number of 64 bits holds, and halves of the last digit.
NUMBER_CASES = [
    value("hexadecimal_number", "hexadecimal_number('text')", "1152921504606846975", text="f" * 15),
    value("hexadecimal_number", "hexadecimal_number('text')", "171", text="0ab"),
    *[
        value("grouped_number", "grouped_number('cast(text as bigint)')", expected, text=number)
        for number, expected in {"7": "7", "1500": "1,500", "12345678": "12,345,678", None: None}.items()
    ],
    *[
        value("as_double", f"decimal_of_double(as_double({number}) ~ ' * 2', 28)", expected, text=text)
        for number, cases in {
            _decimal("text", 28): {
                "0.1": "0.200000",
                "-12.345678": "-24.691356",
                "9007199254.740993": "18014398509.481988",
                "123456789012.345678": "246913578024.691360",
                "-98765432109876.543211": "-197530864219753.086976",
                None: None,
            },
            _decimal("text", 38, 12) + ", 12": {
                "95139.63": "190279.260000",
                "-0.000000500000": "-0.000001",
                "123456789012.345678123456": "246913578024.691360",
            },
        }.items()
        for text, expected in cases.items()
    ],
    *[
        value("decimal_of_double", f"decimal_of_double('cast(text as double)', {precision})", expected, text=text)
        for text, precision, expected in [
            ("1.5", 28, "1.500000"),
            ("0.0000025", 28, "0.000003"),
            ("-0.0000025", 28, "-0.000003"),
            ("12345678901.123457", 28, "12345678901.123456"),
            ("92943416953092.92", 28, "92943416953092.915200"),
            ("1e21", 28, "1000000000000000013287.555072"),
            ("-1e21", 28, "-1000000000000000013287.555072"),
            ("1e22", 28, None),
            ("1e12", 18, None),
            (None, 28, None),
        ]
    ],
    *[
        value(macro, f"{macro}({_decimal('a', 20)}, {_decimal('b', 18)})", expected, a=a, b=b)
        for macro, cases in {
            "exact_product": [
                ("204", "118.46", "24165.840000000000"),
                ("1.000001", "0.000001", "0.000001000001"),
                ("-12345678901234.567891", "123456.123456", "-1524149658578949244.366109551296"),
                ("99999999999999.999999", "0.000001", "99999999.999999999999"),
                ("99999999999999.999999", "999999999999.999999", None),
                (None, "1", None),
            ],
            "rounded_product": [
                ("3", "0.333333", "0.999999"),
                # 0.4999995 of the last digit: rounded at the eleventh digit first, it would come to a half.
                ("0.000001", "0.4999999", "0.000001"),
                ("0.999999", "0.499999", "0.499999"),
                ("0.707107", "0.707106", "0.500000"),
                ("0.000907", "0.000551", "0.000000"),
                ("99999999999999.999999", "384.23", "38422999999999999.999616"),
                ("99999999999999.999999", "999999999999.999999", None),
                (None, "1", None),
            ],
        }.items()
        for a, b, expected in cases
    ],
]  # fmt: skip

ENGINE_CASES = [*JSON_CASES, *TEXT_CASES, *TIME_CASES, *NUMBER_CASES]

# ---------------------------------------------------------------- macros/parsing

FIXTURES = Path(__file__).parent / "fixtures"


# What a note says of a purchase. Each misspelling and each wording stands for its kind.
PLANNED = [
    "Rule 10b5-1", "a 10b5 - 1 plan", "a Rule l0b5-1 plan", "a I0b5-1 plan", "a 10b5-l plan", "a 10b15-1 plan", "a Rule 105b-1 plan",
    "a Rule 10b51 plan",
    "a 10(b)5-1 plan", "a 10(b)(5)-(1) plan", "a 10b-5-1 plan", "a Rule10b5.1 plan", "a 10b5\u20111 plan", "a 10b5\u20131 plan",
    "a 10b5\u22121 plan", f"a 10b5{NBSP}-{NBSP}1 plan", "a 10b5 plan",
    "a Rule 10b-5 plan", "a Rule 10b-5 pre-arranged trading plan", "a 10b-1 plan",
    "A trading plan that complies with Rule 10b-5.", "A pre-arranged stock purchase plan", "A predetermined plan",
    "Not aware of material nonpublic information, purchased under a Rule 10b5-1 plan.",
    "Acquired without further action by the reporting person and pursuant to a 10b5-1 plan.",
    "The reporting person does not control the timing of trades under the 10b5-1 plan.",
    "Mr. J. Doe has no discretion over purchases under the Rule 10b5-1 plan.",
    "Neither the issuer nor the reporting person has discretion over purchases under the Rule 10b5-1 plan.",
    "Executed by a broker with no trade instruction of the reporting person under a Rule 10b5-1 plan.",
    "Not in possession of material nonpublic information when entering into the Rule 10b5-1 plan under which the purchase was made.",
    "The trade was not executed at the discretion of the reporting person and was made under a Rule 10b5-1 plan.",
    "The purchases were not made by the Issuer but under the 10b5-1 plan of the reporting person.",
    "The purchases, other than the 500 shares of May 2, were made under a Rule 10b5-1 plan.",
    "Purchased outside the trading window under a Rule 10b5-1 plan.",
    "Purchased under a Rule 10b5-1 plan. The reporting person did not make any investment decision under the plan.",
    "Purchased under a Rule 10b5-1 plan, which has since been terminated.",
    "All transactions reported herein, including sales, were made under a 10b5-1 plan.",
    "Not made under a Rule 10b5-1 plan.\nPurchased under a Rule 10b5-1 plan.",
    "The price is not an average.\nPurchased under a Rule 10b5-1 plan.",
]  # fmt: skip
NOT_PLANNED = [
    "Not made under a Rule 10b5-1 plan.", "Not made by Mr. Doe of Doe Inc. under a l0b5-1 plan.", "Not purchased under a Rule 10b-5 plan.",
    "These shares weren\u2019t purchased pursuant to a Rule 10b5-1 plan", "Other than pursuant to a 10b5-1 plan",
    "Outside of any 10b5-1 plan",
    "Bought without a 10b5-1 plan", "A discretionary, non-10b5-1 purchase", "Was not, in whole or in part, made under a Rule 10b5-1 plan",
    "None of these purchases was made under a Rule 10b5-1 plan.", "No 10b5-1 plan was in use.",
    "The purchase was not made under a contract, instruction or written plan intended to satisfy the conditions of Rule 10b5-1(c).",
    "The purchase was not intended to satisfy the affirmative defense conditions of Rule 10b5-1(c).",
    "The reporting person has a Rule 10b5-1 plan. This purchase was not made under that plan.",
    "The purchase is unrelated to the reporting person's 10b5-1 plan, which covers sales.",
]  # fmt: skip
NOTHING_OF_PLANS = [
    "The 10b5-1 plan for sales was terminated", "The Rule 10b5-1 plan was terminated on May 1.",
    "Following the termination of a Rule 10b5-1 plan, bought.",
    "The sales were made under a 10b5-1 plan.", "On May 1, Mr. Doe adopted a 10b5-1 Plan. It allows the sale of shares.",
    "The sale was not made under a 10b5-1 plan.", "Purchased in compliance with Rule 10b-5.", "Repurchased under a Rule 10b-18 plan.",
    "Held in the Employee Stock Purchase Plan", "These shares were not acquired under the plan.", "1,005 b shares, 1", "",
]  # fmt: skip
TOLD_OF_SALES = {
    "true": ["The sales were made under a 10b5-1 plan."],
    "false": ["The sale was not made under a 10b5-1 plan."],
    "nothing": ["The 10b5-1 plan for sales was terminated"],
}


def told_of_plans(is_acquisition: str, notes: dict[str, list[str]]) -> Case:
    """What `plan_told` says of all notes at once, before each of them."""
    told = f"{{{{ plan_told('text', {is_acquisition!r}) }}}}"
    relation = " union all ".join(given(text=note) for note in chain.from_iterable(notes.values()))
    return of_query(
        "plan_told",
        f"select coalesce(cast({told} as {TEXT}), 'nothing') || ': ' || text as result from ({relation}) as given",
        tuple(f"{answer}: {note}" for answer, group in notes.items() for note in group),
    )


PARSING_CASES = [
    told_of_plans("true", {"true": PLANNED, "false": NOT_PLANNED, "nothing": NOTHING_OF_PLANS}),
    told_of_plans("false", TOLD_OF_SALES),
    told_of_plans("cast(null as boolean)", TOLD_OF_SALES),
    value("plan_told", "plan_told('text', 'true')", None, text=None),
    *[
        value("is_misspelling", "is_misspelling('word', 'meant')", expected, word=word, meant=meant)
        for expected, word, meant in [
            ("true", "oficer", "officer"),
            ("true", "offficer", "officer"),
            ("true", "chariman", "chairman"),
            ("true", "verkstallande", "verkställande"),
            ("true", "verkstalande", "verkställande"),
            ("false", "verkstlaande", "verkställandes"),
            ("false", "resident", "president"),
            ("false", "provident", "president"),
            ("false", "offices", "officer"),
            ("false", "chief", "chieff"),
            ("false", "\u043efficer", "officer"),
        ]
    ],
    *of_text(
        "plan_text",
        "",
        {
            "By Mr. J. Q. Doe, Rule l0(b)5 - 1. Rule No. 10b\u20115-1": "by doe, rule 10b5-1. rule 10b5-1",
            "Not of his own but under a plan": "not of his own, under a plan",
            "10b-18 and Rule 10b-5": "10b-18 and rule 10b-5",
            None: None,
        },
    ),
    *of_text(
        "names_plan",
        "",
        {
            **dict.fromkeys(["rule 10b5-1", "a trading plan", "a rule 10b-5 purchase plan"], "true"),
            **dict.fromkeys(["rule 10b-5", "a stock purchase plan"], "false"),
        },
    ),
    *of_text(
        "says_planned",
        "",
        {"under a 10b5-1 plan": "true", "the 10b5-1 plan was cancelled": "false", "made under a 10b5-1 plan that was cancelled": "true"},
    ),
    *of_text(
        "says_unplanned",
        "",
        {
            **dict.fromkeys(["not under a 10b5-1 plan", "not made under such plan"], "true"),
            **dict.fromkeys(["not known to be under a 10b5-1 plan", "made under a 10b5-1 plan"], "false"),
        },
    ),
    *of_text(
        "speaks_of_sales_alone",
        "",
        {"these shares were sold": "true", "bought and sold": "false", "the transaction was a sale": "false", "bought": "false"},
    ),
    *of_text(
        "readable_note",
        "",
        {
            "On May 1, Mr. J. Q. Doe of Doe & Co. Inc. bought. At $1,234.50.": "on may 1, doe of doe & bought. at $0.",
            "Not bought in the Open-Market": "off-market",
            "At the closing price in the open market, or the open market price": "at the market price, or the market price",
            "Dated as of May 1, 2023, between Private Placement Fund LP and Doe": "dated, between entity and doe",
            "Under an Open Market Sale Agreement": "under an at-the-market agreement",
            "\u201cUnits\u201d of the issuer\u2019s": "\"units\" of the issuer's",
            None: None,
        },
    ),
    *[
        value("with_issuer_named", "with_issuer_named('text', 'issuer')", expected, text=text, issuer=issuer)
        for text, issuer, expected in NAMED_ISSUERS
    ],
    *[
        value(
            "with_trade_named",
            f"with_trade_named('text', '{day}', '{shares}')",
            expected,
            text=text,
        )
        for day, shares, text, expected in [
            (MAY_9, "1500.000000", "On May 9, 2023, Doe got 1,500 shares.", "On this day, Doe got these 0 shares."),
            (MAY_9, "1500", "Doe got 1500 shares", "Doe got these 0 shares"),
            (MAY_9, "1500", "May 19, 2023, May 9, 2022, 11,500, 1,500.5", "May 19, 2023, May 9, 2022, 11,500, 1,500.5"),
            (MAY_9, "1500.500000", "On May 9, 2023 got 1,500 shares", "On this day got 1,500 shares"),
            ("cast(null as date)", "1500", "On May 9, 2023 got 1,500 shares", "On May 9, 2023 got these 0 shares"),
            (MAY_9, "cast(null as decimal(20, 6))", "On May 9, 2023 got 0 shares", "On this day got 0 shares"),
            (MAY_9, "1500", None, None),
            *[(MAY_9, "1", one, "this day") for one in ("May 09, 2023", "5/9/2023", "05/09/2023", "2023-05-09")],
        ]
    ],
    *[
        value("constant_pattern", f"matches_pattern('text', constant_pattern({QUOTED!r}))", expected, text=text)
        for text, expected in {"the issuer's atm": "true", "the issuers atm": "false", "the issuer's atms": "false"}.items()
    ],
    *of_text(
        "parse_decimal",
        ", 20",
        {
            "1000": "1000.000000",
            "12.5": "12.500000",
            "-12.50": "-12.500000",
            "+1": "1.000000",
            "1,234.5": "1234.500000",
            "1,234,567": "1234567.000000",
            "12,5": "12.500000",
            "1,234 (1)": "1234.000000",
            f"1{NBSP}234{NBSP}(12)": "1234.000000",
            f"1{NARROW_NBSP}234,5": "1234.500000",
            "0.1234567": "0.123457",
            ".5": "0.500000",
            "1e3": "1000.000000",
            "0": "0.000000",
            "1,23,456": None,
            "12 shares": None,
            "NaN": None,
            "inf": None,
            "0x10": None,
            "1_000": None,
            "99999999999999999": None,
            "": None,
            None: None,
        },
    ),
    value("parse_decimal", "parse_decimal('text', 10, 2)", "1.01", text="1.005"),
    value("parse_decimal", "parse_decimal('text', 20, separator='separator')", "12.345000", text="12,345", separator=","),
    value("parse_decimal", "parse_decimal('text', 20, separator='separator')", None, text="12,345", separator=None),
    *of_text(
        "digits_of",
        "",
        {f"1{NBSP}234,5 (2)": "1234,5", "1'234.50": "1234.50", "1\u2019234": "1234", "12 shares": "12shares"},
    ),
    *of_text(
        "is_ambiguous_number",
        "",
        {
            "12,345": "true",
            "1.000": "true",
            "-1.000 (1)": "true",
            "0.123": "false",
            "1234.567": "false",
            "1,234,567": "false",
            "12,34": "false",
            "1,234.5": "false",
            "1234": "false",
            "n/a": "false",
            None: "false",
        },
    ),
    *[
        value("number_text", "number_text('text', 'separator')", expected, text=text, separator=separator)
        for text, separator, expected in [
            ("12,345", ".", "12345"),
            ("12,345", ",", "12.345"),
            ("12,345", None, None),
            ("1.000", ".", "1.000"),
            ("1.000", ",", "1000"),
            ("1.000", None, None),
            # These can be read in one way, whatever the feed writes elsewhere.
            ("12,5", ".", "12.5"),
            ("12.5", ",", "12.5"),
            ("1.234.567", None, "1234567"),
            ("1.234,56", None, "1234.56"),
            ("1.234.567,8", None, "1234567.8"),
            ("1,234,567.8", None, "1234567.8"),
            ("0,125", None, "0.125"),
            ("1234,567", None, "1234.567"),
            ("1.23.456", ".", None),
            ("12,345.", None, None),
            ("n/a", ".", None),
        ]
    ],
    *[
        value("shows_separator", f"shows_separator('payload', ['shares', 'price per share'], '{separator}')", expected, payload=payload)
        for payload, separator, expected in [
            ('{"shares": "12.5"}', ".", "true"),
            ('{"shares": "12.5"}', ",", "false"),
            ('{"shares": "12,5"}', ",", "true"),
            ('{"lines": [{"price per share":"1.234,5"}]}', ",", "true"),
            ('{"shares" : "1.234.567"}', ",", "true"),
            ('{"shares": "1,234,567"}', ".", "true"),
            ('{"shares": "0,125"}', ",", "true"),
            ('{"shares": "1 234.567"}', ".", "true"),
            # One of these can be read in two ways, one is a JSON number, one stands elsewhere, one is none.
            ('{"shares": "1.234"}', ".", "false"),
            ('{"shares": 12.5}', ".", "false"),
            ('{"version": "12.5"}', ".", "false"),
            ('{"shares": "12.5 percent"}', ".", "false"),
            (None, ".", "false"),
        ]
    ],
    *[
        value(
            "product_fits", f"""product_fits('shares', 'price', 'value', ["'{separator}'", "'{separator}'", "'.'"])""", expected,
            shares=shares, price=price, value=total,
        )
        for shares, price, total, separator, expected in [
            ("12,345", "10", "123450", ".", "true"),
            ("12,345", "10", "123450", ",", "false"),
            ("1.000", "10", "-10.04", ".", "true"),
            ("1.000", "10", "10.20", ".", "false"),
            ("1.000", "10", "10000", ",", "true"),
            ("1.000", None, "10000", ",", "false"),
            ("1.000", "10", "0", ",", "false"),
        ]
    ],
    *of_text(
        "parse_date",
        "",
        {
            "2026-03-02": "2026-03-02",
            # With a time behind it, it is no date alone.
            "2026-03-02T23:30:00Z": None,
            "2026-03-02 23:30:00": None,
            "2026-03-02 soon": None,
            "2026-03-02-05:00": "2026-03-02",
            "2026-03-02Z": "2026-03-02",
            "2026/03/02": "2026-03-02",
            "2026.03.02": "2026-03-02",
            "2026/02/30": None,
            "2 Mar 2026": "2026-03-02",
            "20260302": "2026-03-02",
            "20260230": None,
            "17723302": None,
            "02-MAR-2026": "2026-03-02",
            "2-mar-2026": "2026-03-02",
            "02.03.2026": "2026-03-02",
            "0022-03-02": "0022-03-02",
            "2026-02-30": None,
            "31.02.2026": None,
            "2026-3-2": None,
            "2026-03-021": None,
            "03/02/2026": None,
            "soon": None,
            "": None,
            None: None,
        },
    ),
    # Midnight of a zone that is a quarter of an hour off, and a minute later.
    *[
        of_time(
            "parse_timestamp", "parse_timestamp('time', parse_instant('time', 'zone'), 'zone', 'cut_off')", expected,
            text=text, zone="Asia/Kathmandu", cut_off="22:00:00",
        )
        for text, expected in {
            "2026-03-01T18:15:00Z": "2026-03-02 16:15:00",
            "2026-03-01T18:16:00Z": "2026-03-01 18:16:00",
        }.items()
    ],
    *[
        of_time(
            "parse_timestamp", "parse_timestamp('time', parse_instant('time', 'zone'), 'zone', 'cut_off')", expected,
            text=text, zone="America/New_York", cut_off="22:00:00",
        )
        for text, expected in {
            "2026-03-02T21:50:00-05:00": "2026-03-03 02:50:00",
            "2026-03-02T21:50:00-0500": "2026-03-03 02:50:00",
            "2026-03-02T21:50:00Z": "2026-03-02 21:50:00",
            # Without an offset: the later of UTC and the clock of the zone.
            "2026-03-02T21:50:00": "2026-03-03 02:50:00",
            "2026-03-05 10:00:00": "2026-03-05 15:00:00",
            "2026-03-02 21:50:00.25+00": "2026-03-02 21:50:00.25",
            "2026-03-02T21:50": "2026-03-03 02:50:00",
            # Midnight without an offset is most likely the date alone, and that is the later reading.
            "2026-03-02 00:00:00": "2026-03-03 03:00:00",
            "2026-03-02T00:00:00.000": "2026-03-03 03:00:00",
            "2026/03/02 00:00": "2026-03-03 03:00:00",
            "20260302000000": "2026-03-03 03:00:00",
            # Midnight as it is written, in UTC or in the market most likely is, too.
            "2026-03-02T00:00:00Z": "2026-03-03 03:00:00",
            "2026-03-02T00:00:00.000+00:00": "2026-03-03 03:00:00",
            "2026-03-02T00:00:00-05:00": "2026-03-03 03:00:00",
            "2026-03-02T05:00:00Z": "2026-03-03 03:00:00",
            "2026-03-02T00:00:00+09:00": "2026-03-03 03:00:00",
            "1772409600": "2026-03-03 03:00:00",
            "2026-03-02T00:00:01Z": "2026-03-02 00:00:01",
            "2026-03-02T00:00:00.001Z": "2026-03-02 00:00:00.001",
            # What programs write where they know no time.
            "0001-01-01T00:00:00Z": None,
            "1970-01-01": None,
            "9999-12-31T23:59:59Z": None,
            "1772445600": "2026-03-02 10:00:00",
            "1772445600250": "2026-03-02 10:00:00.25",
            # A date alone is the cut-off of that day in the zone.
            "2026-03-02": "2026-03-03 03:00:00",
            "2026-03-02-05:00": "2026-03-03 03:00:00",
            "20260302": "2026-03-03 03:00:00",
            "02-MAR-2026": "2026-03-03 03:00:00",
            "02.03.2026": "2026-03-03 03:00:00",
            "2026-02-30": None,
            "2026-03-02T25:00:00Z": None,
            "infinity": None,
            "today": None,
            "12": None,
            "": None,
            None: None,
        }.items()
    ],
    # A time without an offset: the later of UTC and the market's clock, or what the setting of the feed says.
    *[
        of_time(
            "parse_instant", f"parse_instant('time', 'zone', {setting!r})", expected,
            text="2026-03-02 21:50:00", zone=zone,
        )
        for setting, zone, expected in [
            (None, "America/New_York", "2026-03-03 02:50:00"),
            (None, "Europe/Paris", "2026-03-02 21:50:00"),
            ("market", "America/New_York", "2026-03-03 02:50:00"),
            ("market", "Europe/Paris", "2026-03-02 20:50:00"),
            ("UTC", "America/New_York", "2026-03-02 21:50:00"),
            ("Asia/Tokyo", "America/New_York", "2026-03-02 12:50:00"),
        ]
    ],
    of_time("parse_instant", "parse_instant('time', 'zone')", None, text="2026-03-02", zone="Europe/Paris"),
    *[
        of_time(
            "earliest_timestamp", "earliest_timestamp('time', parse_instant('time', 'zone'), 'zone')", expected,
            text=text, zone="Europe/Paris",
        )
        for text, expected in [
            ("2026-03-02", "2026-03-01 23:00:00"),
            ("2026-03-02T00:00:00Z", "2026-03-02 00:00:00"),
            ("2026-03-02T10:00:00Z", "2026-03-02 10:00:00"),
            ("1970-01-01", None),
            ("soon", None),
            (None, None),
        ]
    ],
    *[
        value(
            "unreadable_flags", "unreadable_flags({'is_officer': 'first', 'is_other': 'second'})", expected,
            first=first, second=second,
        )
        for first, second, expected in [
            ("yes", "0", None),
            ("yess", "TRUE", "is_officer=yess"),
            (None, "?", "is_other=?"),
            ("a=b", "2", "is_officer=a=b\x1fis_other=2"),
            (None, None, None),
        ]
    ],
    *of_text(
        "clock_text",
        "",
        {
            "10:00": "10:00:00", "1000": "10:00:00", "100030": "10:00:30", "10:00:30,5Z": "10:00:30.5+00:00", "10:00 GMT": "10:00:00+00:00",
            "10:00:30.123456789UTC": "10:00:30.123456+00:00", "10:00:30 +01": "10:00:30+01:00", "100030-0530": "10:00:30-05:30",
            "10:00 EST": None, "10:00 AM": None, "24:00": None, "10:60": None, "10": None, "10:00:00:00": None, "": None, None: None,
        },
    ),
    *[
        value("is_local_midnight", "is_local_midnight('text')", expected, text=text)
        for text, expected in {
            "2026-03-02 00:00:00": "true", "2026-03-02 00:00:00.000": "true", "2026-03-02 00:00:00.001": "false",
            "2026-03-02 00:00:00+00:00": "false", "2026-03-02 10:00:00": "false", "2026-03-02": "false",
        }.items()
    ],
    *of_text(
        "is_of_a_filing",
        "",
        {"2026-03-02": "true", "1990-01-01 00:00:00": "true", "1989-12-31": "false", "2200-01-01": "false",
"0022-03-02": "false", None: None},
    ),
    *of_text(
        "time_text",
        "",
        {
            "2026-03-09": "2026-03-09",
            "2026-03-09T10:00:00Z": "2026-03-09 10:00:00+00:00",
            "2026-03-09T10:00:00.123456+01:00": "2026-03-09 10:00:00.123456+01:00",
            "2026-03-09 10:00": "2026-03-09 10:00:00",
            # What has one reading, however it is spelled.
            "2026-03-09 10:00 GMT": "2026-03-09 10:00:00+00:00",
            "2026-03-09 10:00:00 gmt": "2026-03-09 10:00:00+00:00",
            "2026-03-09t10:00:00z": "2026-03-09 10:00:00+00:00",
            "20260309T100000Z": "2026-03-09 10:00:00+00:00",
            "20260309T1000+0100": "2026-03-09 10:00:00+01:00",
            "20260309 10:00:00": "2026-03-09 10:00:00",
            "20260309100000": "2026-03-09 10:00:00",
            "202603091000": "2026-03-09 10:00:00",
            "2026/03/09 10:00": "2026-03-09 10:00:00",
            "2026.03.09 10:00:00": "2026-03-09 10:00:00",
            "09.03.2026 10:00": "2026-03-09 10:00:00",
            "9.3.2026, 10:00": "2026-03-09 10:00:00",
            "2026-03-09  10:00:00": "2026-03-09 10:00:00",
            "2026-03-09T10:00:00+14:00": "2026-03-09 10:00:00+14:00",
            "09-MAR-2026 10:00:00": "2026-03-09 10:00:00",
            "2026-03-09T10:00:00,5Z": "2026-03-09 10:00:00.5+00:00",
            "2026-03-09T10:00:00.123456789Z": "2026-03-09 10:00:00.123456+00:00",
            "Mon, 09 Mar 2026 10:00:00 GMT": "2026-03-09 10:00:00+00:00",
            "9 Mar 2026 10:00 +0100": "2026-03-09 10:00:00+01:00",
            "Monday, 09-Mar-2026": "2026-03-09",
            "2026/03/09": "2026-03-09",
            "2026-03-09-05:00": "2026-03-09",
            # Seconds since 1970, with decimals, in thousandths, millionths and less.
            "1772445600": "2026-03-02 10:00:00+00:00",
            "1772445600.25": "2026-03-02 10:00:00.25+00:00",
            "1772445600.0": "2026-03-02 10:00:00+00:00",
            "1772445600250": "2026-03-02 10:00:00.25+00:00",
            "1772445600250.75": "2026-03-02 10:00:00.25075+00:00",
            "1772445600250001": "2026-03-02 10:00:00.250001+00:00",
            "1772445600250001999": "2026-03-02 10:00:00.250001+00:00",
            "2050000000": "2034-12-17 20:26:40+00:00",
            # What has two readings, or none.
            "2026030910": None,
            "2026-03-09 10:00 EST": None,
            "2026-03-09 10:00 CET": None,
            "03/09/2026 10:00": None,
            "09-03-2026 10:00": None,
            "2026-03-09 10:00 AM": None,
            "2026-03-09T25:00:00Z": None,
            "2026-03-09T24:00:00Z": None,
            "2026-03-09T10:00:00+99:00": None,
            "2026-03-09T10:00:00+15": None,
            "2026-03-09T10Z": None,
            "2026-W10-1": None,
            "99999999": None,
            "20261309100000": None,
            "0": None,
            "soon": None,
            "": None,
            None: None,
        },
    ),
    *[
        # DuckDB reads none of these as they are: the filing would be known on its filing date.
        of_time("parse_instant", "parse_instant('time', 'zone')", expected, text=text, zone="Europe/Paris")
        for text, expected in [
            ("2026-03-09T10:00Z", "2026-03-09 10:00:00"),
            ("2026-03-09 10:00 UTC", "2026-03-09 10:00:00"),
            ("2026-03-09T10:00+01:00", "2026-03-09 09:00:00"),
            ("2026-03-09T10:00-0530", "2026-03-09 15:30:00"),
            ("2026-03-09 10:00:00 +0100", "2026-03-09 09:00:00"),
            ("2026-03-09 10:00:00.25 +01", "2026-03-09 09:00:00.25"),
            ("2026-03-09T10:00:00 Z", "2026-03-09 10:00:00"),
        ]
    ],
    of_time(
        "parse_timestamp", "parse_timestamp('time', parse_instant('time', 'zone', 'market'), 'zone', 'cut_off')", "2026-03-02 20:50:00",
        text="2026-03-02 21:50:00", zone="Europe/Paris", cut_off="23:59:59",
    ),
    # Never earlier than the reading as a time of that zone.
    of_time(
        "parse_timestamp", "parse_timestamp('time', parse_instant('time', 'zone', 'Etc/GMT+12'), 'zone', 'cut_off')", "2026-03-02 12:00:00",
        text="2026-03-02 00:00:00", zone="Pacific/Auckland", cut_off="22:00:00",
    ),
    *[
        of_time(
            "parse_day", f"parse_day('time', parse_instant('time', 'zone'), 'day_zone', {is_latest})", expected,
            text=text, zone=zone, day_zone="Etc/GMT-14" if zone == "Etc/GMT+12" else zone,
        )
        for text, zone, filed, traded in [
            # Midnight in UTC or in the market is the date that a database has written as a time.
            ("2026-03-04T23:00:00.000Z", "Europe/Paris", "2026-03-05", "2026-03-05"),
            ("2026-03-05T00:00:00Z", "Europe/Paris", "2026-03-05", "2026-03-05"),
            ("2026-07-04T22:00:00Z", "Europe/Paris", "2026-07-05", "2026-07-05"),
            ("2026-03-05T00:00:00Z", "America/New_York", "2026-03-05", "2026-03-05"),
            ("2026-03-05T05:00:00Z", "America/New_York", "2026-03-05", "2026-03-05"),
            ("2026-03-05T00:00:00-05:00", "America/New_York", "2026-03-05", "2026-03-05"),
            ("2026-03-04T15:00:00Z", "Asia/Tokyo", "2026-03-05", "2026-03-05"),
            ("1772668800", "America/New_York", "2026-03-05", "2026-03-05"),
            ("1772668800000", "America/New_York", "2026-03-05", "2026-03-05"),
            # Any other instant.
            ("2026-03-05T02:00:00Z", "America/New_York", "2026-03-05", "2026-03-04"),
            ("2026-03-04T22:00:00-05:00", "America/New_York", "2026-03-05", "2026-03-04"),
            ("2026-03-04T23:30:00Z", "Europe/Paris", "2026-03-05", "2026-03-05"),
            ("2026-03-04T23:30Z", "Europe/Paris", "2026-03-05", "2026-03-05"),
            ("2026-03-04T20:00-05:00", "America/New_York", "2026-03-05", "2026-03-04"),
            ("2026-03-04 20:00:00 -0500", "America/New_York", "2026-03-05", "2026-03-04"),
            ("2026-03-04T18:00:00Z", "Asia/Tokyo", "2026-03-05", "2026-03-05"),
            ("2026-03-05T09:12:00Z", "Etc/GMT+12", "2026-03-05", "2026-03-05"),
            ("2026-03-05T10:12:00Z", "Etc/GMT+12", "2026-03-06", "2026-03-06"),
            ("1772678096", "America/New_York", "2026-03-05", "2026-03-04"),
            ("2026-03-03T20:00:00 GMT", "Asia/Tokyo", "2026-03-04", "2026-03-04"),
            ("20260304T230000Z", "Europe/Paris", "2026-03-05", "2026-03-05"),
            # Without an offset: as a filing date the later of UTC and the market's clock, as a transaction date the market's clock.
            ("2026-03-05 23:30:00", "America/New_York", "2026-03-06", "2026-03-05"),
            ("2026-03-05 23:30:00", "Europe/Paris", "2026-03-06", "2026-03-05"),
            ("2026-03-05 16:30:00", "Asia/Tokyo", "2026-03-06", "2026-03-05"),
            ("2026/03/05 16:30", "Australia/Sydney", "2026-03-06", "2026-03-05"),
            ("2026-03-05 16:30:00", "Etc/GMT+12", "2026-03-06", "2026-03-05"),
            ("2026-03-05T00:00:00", "America/New_York", "2026-03-05", "2026-03-05"),
            ("2026-03-05 00:00", "Europe/Paris", "2026-03-05", "2026-03-05"),
            # A date alone, and what is no time.
            ("2026-03-05", "America/New_York", "2026-03-05", "2026-03-05"),
            ("2026-03-05-05:00", "America/New_York", "2026-03-05", "2026-03-05"),
            ("20260305", "America/New_York", "2026-03-05", "2026-03-05"),
            ("05-MAR-2026", "Etc/GMT+12", "2026-03-05", "2026-03-05"),
            # What stands behind a date is not passed over.
            ("2026-03-05T25:00:00Z", "America/New_York", None, None),
            ("2026-03-05 10:00 EST", "America/New_York", None, None),
            ("1970-01-01T00:00:00Z", "America/New_York", None, "1970-01-01"),
            ("9999-12-31", "America/New_York", None, "9999-12-31"),
            ("2026-02-30T00:00:00Z", "America/New_York", None, None),
            ("soon", "America/New_York", None, None),
            (None, "America/New_York", None, None),
        ]
        for is_latest, expected in [(True, filed), (False, traded)]
    ],
    *[
        of_time(
            "parse_day", f"parse_day('time', parse_instant('time', 'zone', {setting!r}), 'zone', {is_latest}, {setting!r})", expected,
            text=text, zone="America/New_York",
        )
        for text, setting, filed, traded in [
            ("2026-03-05 23:30:00", "market", "2026-03-06", "2026-03-05"),
            ("2026-03-05 02:00:00", "UTC", "2026-03-05", "2026-03-04"),
            ("2026-03-05 08:00:00", "Asia/Tokyo", "2026-03-04", "2026-03-04"),
            ("2026-03-05 00:00:00", "Asia/Tokyo", "2026-03-05", "2026-03-05"),
        ]
        for is_latest, expected in [(True, filed), (False, traded)]
    ],
    *of_text(
        "parse_boolean",
        "",
        {
            "true": "true", "TRUE": "true", "1": "true", "yes": "true", "Y": "true",
            "false": "false", "0": "false", "No": "false", "n": "false",
            "maybe": None, "2": None, "": None, None: None,
        },
    ),
    *of_text(
        "normalize_text",
        "",
        {
            f"  Vice{NBSP}President (Sales) ": "vice president sales",
            "Non-Executive Director": "non executive director",
            "C.E.O.": "c e o",
            "Chair\u2012Board\u2015Sales": "chair board sales",
            "Chair\u2014Board \u2013 \u2018it\u2019s": "chair board \u2018it s",
            "VERKSTÄLLANDE DIREKTÖR": "verkställande direktör",
            "10% Owner": "10% owner",
            "'\"": "",
            None: None,
        },
    ),
    *of_text(
        "security_head",
        "",
        {
            "common stock of preferred bank": "common stock of",
            "preferred bank common stock": "common stock",
            "common stock of first warrant holdings": "common stock",
            "unit corporation common stock": "common stock",
            "preferred stock of common works": "preferred stock",
            "common stock unit": "common stock unit",
            "shares of series a preferred stock": "shares of series a preferred stock",
            "options to purchase shares of common stock": "options to purchase shares of common stock",
            "option to buy common stock of works": "option to buy common stock",
            "common shares of example fund": "common shares of example fund",
            None: None,
        },
    ),
    *of_text(
        "clean_ticker",
        "",
        {
            "abc": "ABC", "AMC/APE": "AMC", "WLY/WLYB": "WLY", "AMC,APE": "AMC", "AMC; APE": "AMC", "FRG FRGAP": "FRG",
            "AB & ABC": "AB", "NYSE-ABC": "ABC", "NYSE: ABC": "ABC", "NASDAQ ABC": "ABC", "Nasdaq:ABC, ABCW": "ABC", "TSX-V: ABC": "ABC",
            "ABC (NYSE)": "ABC", "OTCQB/ABC": "ABC", "$ABC": "ABC", '("ABC")': "ABC", "ABC)": "ABC",
            "BRK/B": "BRK/B", "BRK.B": "BRK.B", "BRK-B": "BRK-B", "ABC/WS": "ABC/WS", "ABC/PRA": "ABC/PRA", "NA": "NA", "NO": "NO",
            "NOTV": "NOTV", "OTCM": "OTCM", "NONG": "NONG",
            "ABC:US": "ABC", "ABC : US": "ABC", "BRK/B:US": "BRK/B", "7203:JP": "7203", "NASDAQ-GS: ABC": "ABC", "NASDAQ-GS:ABC": "ABC",
            "'ABC'": "ABC", "\u2018ABC\u2019": "ABC", "ABC.": "ABC", "Nasdaq:ABC.": "ABC", "NYSE: GE": "GE", "TSX: NA": "NA",
            "LON: VOD": "VOD", "EPA:FP": "FP", "XPAR:AB": "AB", "STO:VOLV-B": "VOLV-B",
            "abc.pa": "ABC.PA", "VOD.L": "VOD.L", "BT.A": "BT.A", "7203": "7203", "7203.T": "7203.T", "VOLV B": "VOLV B",
            "MAERSK B": "MAERSK B", "RDS/A": "RDS/A", "0700.HK": "0700.HK", "NOVO-B": "NOVO-B", "NON B": "NON B",
            "Non-traded": None, "non listed": None, "NonTraded": None, "Not-listed": None, "none/none": None, "NONE/NA": None,
            "NA/NA": None, "'N/A'": None,
            "Not Traded": None, "[NONE]": None,
            "None.": None, "none": None, "None; pending": None, "Private": None, "Private Company": None,
            "N/A": None, "n.a.": None, "Not publicly traded": None, "No symbol": None, "NYSE": None, "--": None, "": None, None: None,
        },
    ),
    *[
        value("insider_key", "insider_key('id', 'name')", expected, id=insider_id, name=name)
        for insider_id, name, expected in (
            ("7", "robin sample", "7"),
            (None, "robin sample", "name:robin sample"),
            (None, None, None),
        )
    ],
    *of_text(
        "tells_of_an_omission",
        "",
        {
            "reports a purchase that was inadvertently omitted": "true",
            "filed to correct an inadvertent omission": "true",
            "the sale was not previously reported": "true",
            "to correct the price, and to report a purchase that was omitted": "false",
            "corrects the number of shares": "false",
            "held by a trust": "false",
        },
    ),
    *of_text(
        "tells_of_a_correction",
        "",
        {
            "corrects the number of shares": "true",
            "inadvertently reported as a purchase": "true",
            "because of a typographical error": "true",
            "filed to correct an inadvertent omission": "false",
            "to correct the price, and to report a purchase that was omitted": "false",
            "reports a purchase that was inadvertently omitted": "false",
            "held by a trust": "false",
        },
    ),
    *of_text(
        "normalize_name",
        "",
        {
            "SAMPLE, Robin B.": "sample robin b",
            f"robin{NBSP}{NBSP}sample": "robin sample",
            "O'Sample-Pattern; Jr": "o sample pattern jr",
            "O\u2018Sample\u2013Pattern": "o sample pattern",
            " . ": None,
            None: None,
        },
    ),
    *[
        value("given_text", f"given_text('text', {is_name})", expected, text=text)
        for is_name, pairs in {
            False: {
                "N/A": None, "n.a.": None, "null": None, "None": None, "-": None, "--": None, "\u2014": None,
                "NaN": None, "na": None, "#N/A": None,
                "<NA>": None, "NaT": None, "undefined": None, "": None, None: None,
                "USD": "USD", "-1": "-1", "nano": "nano", "none of it": "none of it",
            },
            True: {"NA": "NA", "NAN": "NAN", "NONE": None, "N/A": None, "Nordic": "Nordic"},
        }.items()
        for text, expected in pairs.items()
    ],
    value("fingerprint", "fingerprint(['a', 'b'])", hashlib.md5(b"1:x|2:yz").hexdigest(), a="x", b="yz"),
    value("fingerprint", "fingerprint(['a', 'b'])", hashlib.md5(b"2:xy|1:z").hexdigest(), a="xy", b="z"),
    value("fingerprint", "fingerprint(['a', 'b'])", hashlib.md5(b"-|0:").hexdigest(), a=None, b=""),
    of_rows(
        "fingerprint_of_set",
        f"{given(text='f' * 32)} union all {given(text='0' * 14 + '1' + 'a' * 17)} union all {given(text='f' * 32)}",
        "select {{ fingerprint_of_set('text') }} as total from given",
        "total",
        (str(2 * (16**15 - 1) + 1),),
    ),
    value(
        "moment", "moment('cast(day as date)', 'cast(seen as timestamp)')", "2026-03-06|2026-03-07 02:50:00",
        day="2026-03-06", seen="2026-03-07 02:50:00",
    ),
    value("moment_date", "moment_date('moment')", "2026-03-06", moment="2026-03-06|2026-03-07 02:50:00"),
    value("moment_timestamp", "moment_timestamp('moment')", "2026-03-07 02:50:00", moment="2026-03-06|2026-03-07 02:50:00"),
]  # fmt: skip

# ---------------------------------------------------------------- macros/spans.sql


def _rows(**columns: Sequence[object]) -> str:
    """A relation of rows with texts, whole numbers and, as ISO texts, dates."""
    rows = zip(*columns.values(), strict=True)
    return " union all ".join(
        "select " + ", ".join(f"{_typed(value)} as {name}" for name, value in zip(columns, row, strict=True))
        for row in rows
    )


def _typed(value: object) -> str:
    if value is None or re.fullmatch(r"[0-9]{4}-.*", str(value)):
        return f"cast({'null' if value is None else repr(value)} as date)"
    return literal(str(value))


def _shown(*columns: str) -> str:
    return " || ' ' || ".join(f"coalesce(cast({column} as {TEXT}), '-')" for column in columns)


_LIVES = _rows(
    name=["a", "a", "a", "b"],
    valid_from=["2026-03-01", "2026-03-03", "2026-03-03", "2026-03-05"],
    valid_to=["2026-03-09", "2026-03-07", None, "2026-03-06"],
)
# Bought by another in between; of two mentions of one day the last one counts.
_MENTIONS = _rows(
    name=["a", "a", "a", "a", "a", "b"],
    ticker=["X", "X", "Y", "Z", "X", "X"],
    available_date=["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-03", "2026-03-05", "2026-03-04"],
    last_mention=["1", "2", "4", "3", "5", "1"],
)
_PAIRS = _rows(
    name=["apart", "meeting", "within", "open"],
    one_from=["2026-03-01", "2026-03-01", "2026-03-01", "2026-03-01"],
    one_to=["2026-03-02", "2026-03-03", "2026-03-09", None],
    other_from=["2026-03-02", "2026-03-02", "2026-03-02", "2026-03-08"],
    other_to=["2026-03-03", "2026-03-05", "2026-03-03", None],
)
_SIDES = ", ".join(
    f"(select name, {side}_from as valid_from, {side}_to as valid_to from pairs) as {side}"
    for side in ("one", "other")
)
SPAN_CASES = [
    of_query(
        "holds_on",
        f"select {_shown('name', 'valid_from')} as result from ({_LIVES}) as lives"
        " where {{ holds_on(\"date '2026-03-07'\", 'lives') }}",
        ("a 2026-03-01", "a 2026-03-03"),
    ),
    of_query(
        "spans_between_changes",
        f"with lives as ({_LIVES}) select {_shown('name', 'valid_from', 'valid_to')} as result"
        " from ({{ spans_between_changes('lives', ['name']) }}) as spans",
        (
            "a 2026-03-01 2026-03-03", "a 2026-03-03 2026-03-07", "a 2026-03-07 2026-03-09", "a 2026-03-09 -",
            "b 2026-03-05 2026-03-06", "b 2026-03-06 -",
        ),
    ),
    of_query(
        "spans_of_last_mention",
        f"with mentions as ({_MENTIONS}) select {_shown('name', 'ticker', 'is_first', 'valid_from', 'valid_to')} as result"
        " from ({{ spans_of_last_mention('mentions', ['name'], 'ticker') }}) as spans",
        (
            "a X true 2026-03-01 2026-03-03", "a Y false 2026-03-03 2026-03-05", "a X false 2026-03-05 -", "b X true 2026-03-04 -",
        ),
    ),
    of_query(
        "overlap",
        f"with pairs as ({_PAIRS}) select one.name as result from {_SIDES}"
        " where one.name = other.name and {{ overlap('one', 'other') }} and {{ overlap('other', 'one') }}",
        ("meeting", "within", "open"),
    ),
]  # fmt: skip
