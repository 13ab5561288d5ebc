"""Records that cannot be read, or have no id of their own: what is set aside, what stands, what is read again."""

import base64
import json
from datetime import date

import pytest
from feed_server import filings

import loader

pytest_plugins = ("loader_fixtures",)

JANUARY = {"start_date": date(2026, 1, 1), "end_date": date(2026, 1, 31)}
DEEP = 100_000


def page_of(*records: bytes, **members: object) -> bytes:
    """A reply with these records, each as its bytes."""
    rest = json.dumps(members).encode().removeprefix(b"{")
    return b'{"results": [\n' + b",\n".join(records) + b"]" + (b", " if members else b"") + rest


BAD = [
    (b'{"id": "F-2", "price": NaN}', "invalid_json"),
    (b'{"id": "F-2", "price": -Infinity}', "invalid_json"),
    (b"{'id': 'F-2', 'is_director': True}", "invalid_json"),
    (b'{"id": "F-2", "name": "Kim "K." Sample"}', "invalid_json"),
    (b'{"id": "F-2", "name": "Kim\tSample\x00"}', "invalid_json"),
    (b'{"id": "F-2", "name": "C:\\path"}', "invalid_json"),
    (b'{"id": "F-2", "name": "Kim \\ud83d"}', "lone_surrogate"),
    (b'{"id": "F-2", "shares": ' + b"9" * 400 + b"}", "number_too_large"),
    (b'{"id": "F-2", "shares": 1e999}', "number_too_large"),
    (b'{"id": "F-2", "lines": ' + b"[" * DEEP + b"]" * DEEP + b"}", "nested_too_deeply"),
    (b'{"id": "F-2", "a": ' * DEEP + b"1" + b"}" * DEEP, "nested_too_deeply"),
    # Latin-1, a cut sequence, and a surrogate as if it were a character.
    (b'{"id": "F-2", "name": "J\xf6rg"}', "invalid_text"),
    (b'{"id": "F-2", "name": "\xe2\x82"}', "invalid_text"),
    (b'{"id": "F-2", "name": "\xed\xa0\x80"}', "invalid_text"),
]


def test_a_record_that_cannot_be_read_is_set_aside_and_costs_no_other(archive, feed):
    good = ['{"id": "F-1", "name": "[],{}\\"\\\\", "price": 12.50}', '{"id":"F-2","name":"Åsa"}']
    first = [good[0].encode(), *(record for record, _ in BAD), good[1].encode()]
    feed.edit = lambda _, asked: (
        page_of(b'{"id": "F-3"}')
        if "cursor" in asked
        else page_of(*first, next_cursor="2", total_count=len(first) + 1)
    )
    summary = loader.load("filings_api", **JANUARY)
    assert (summary.received_records, summary.rejected_records) == (len(BAD) + 3, len(BAD))
    assert summary.complete_through == date(2026, 1, 31)
    assert archive.payloads() == [*good, '{"id": "F-3"}']
    assert len(feed.requests) == 2
    rejects = archive.query("select reason, payload from raw_filings_api.rejects order by position")
    assert rejects == [
        (reason, (base64.b64encode(record) if reason == "invalid_text" else record).decode())
        for record, reason in BAD
    ]


@pytest.mark.parametrize(("record", "reason"), BAD)
def test_one_bad_record_is_enough_to_look_at_each_for_itself(archive, feed, record, reason):
    feed.edit = lambda reply, _: page_of(b'{"id": "F-1"}', record)
    tables = dict(archive.walk())
    assert tables["observations"]["payload"].to_pylist() == ['{"id": "F-1"}']
    assert tables["rejects"]["reason"].to_pylist() == [reason]


def test_bad_records_of_a_bare_list_and_of_a_list_within_are_found(archive, feed):
    bodies = {
        "$": b"\xef\xbb\xbf [NaN]",
        "data.items": b'{"items": [1], "data": {"data": {}, "items": [ NaN ]}}',
    }
    for path, body in bodies.items():
        feed.edit = lambda reply, _, body=body: body
        archive.configure(records_path=path, pagination="none")
        tables = dict(archive.walk())
        assert tables["rejects"]["payload"].to_pylist() == ["NaN"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"results": [{"id": "F-1", "a": NaN}], "took": NaN}',
        b'{"results": [{"id": "F-1", "a": NaN}, ]}',
        b'{"results": [{"id": "F-1", "a": [NaN}]}',
        b'{"results": [{"id": "F-1", "a": NaN}], "next_cursor": "x',
        b'{"results": {"a": NaN}}',
        b'{"error": "J\xf6rg"}',
        b"[" * DEEP,
        b'{"a": ' * DEEP + b"1" + b"}" * DEEP,
    ],
)
def test_a_reply_that_is_bad_around_its_records_stops_the_load(archive, feed, body, command_line):
    feed.edit = lambda reply, _: body
    status, output, errors = command_line("filings_api", "--start-date", "2026-01-01")
    assert (status, output, errors.count("\n")) == (1, "", 1)
    assert "the answer is no valid JSON: " in errors


NAMES = '{"results": [{"id": "F-1", "name": "Jörg Å"}, {"id": "F-2"}]}'


@pytest.mark.parametrize(
    ("content_type", "setting", "encoding"),
    [
        ("application/json; charset=iso-8859-1", "", "latin-1"),
        ('application/json;charset="Windows-1252"', "", "cp1252"),
        ("application/json; charset=utf-16", "", "utf-16"),
        ("application/json", "", "utf-8-sig"),
        ("application/json", "", "utf-16-le"),
        ("application/json", "latin-1", "latin-1"),
        # The setting outweighs a reply that says what it is not; what names no encoding says nothing.
        ("application/json; charset=iso-8859-1", "utf-8", "utf-8"),
        ("application/json; charset=unknown", "", "utf-8"),
        ("application/json; charset=base64", "", "utf-8"),
    ],
)
def test_texts_are_read_in_the_encoding_of_the_reply_or_the_setting(
    archive, feed, content_type, setting, encoding
):
    feed.fault = lambda number, _: (200, {"Content-Type": content_type}, NAMES.encode(encoding))
    archive.configure(encoding=setting)
    tables = dict(archive.walk())
    assert tables["observations"]["payload"].to_pylist() == [
        '{"id": "F-1", "name": "Jörg Å"}',
        '{"id": "F-2"}',
    ]
    assert tables["rejects"].num_rows == 0


def test_what_is_no_text_in_the_declared_encoding_is_kept_as_it_came(archive, feed):
    body = page_of('{"id": "F-1", "name": "Jörg"}'.encode("cp1252"), b'{"id": "F-2", "name": "\xe5 \x81"}')
    feed.fault = lambda number, _: (200, {"Content-Type": "application/json; charset=cp1252"}, body)
    tables = dict(archive.walk())
    assert tables["observations"]["payload"].to_pylist() == ['{"id": "F-1", "name": "Jörg"}']
    [payload] = tables["rejects"]["payload"].to_pylist()
    assert base64.b64decode(payload) == b'{"id": "F-2", "name": "\xe5 \x81"}'


@pytest.mark.parametrize("encoding", ["latin-11", "base64", "unicode"])
def test_an_encoding_that_does_not_exist_is_refused(archive, feed, encoding):
    feed.records = filings(1)
    archive.configure(encoding=encoding)
    with pytest.raises(loader.LoadError, match=f"encoding .*'{encoding}'"):
        loader.load("filings_api", **JANUARY)
    assert feed.requests == []
