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
    assert [asked.get("cursor") for _, _, asked, _ in feed.requests[:2]] == [None, "2"]
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


def rows(*shares: float, **fields: object) -> list[dict[str, object]]:
    """Rows of one filing, which have no id of their own."""
    row = {"filing_id": "F-1", "issuer_id": "I-1", "filing_date": "2026-01-07", "price": 12.5}
    return [row | {"shares": number} | fields for number in shares]


def shares_by_id(archive) -> dict[str, int]:
    """The shares of each record as it was seen last."""
    found = archive.query(
        "select record_id, max_by(payload, _dlt_load_id) from raw_filings_api.observations group by record_id"
    )
    return {record_id: json.loads(payload)["shares"] for record_id, payload in found}


def test_equal_rows_are_taken_for_one_and_counted_unless_a_number_tells_them_apart(archive, feed):
    feed.records = rows(100, 100, 250)
    archive.configure(record_id=["filing_id", "shares", "price"])
    summary = loader.load("filings_api", **JANUARY)
    assert shares_by_id(archive) == {"F-1:100:12.5": 100, "F-1:250:12.5": 250}
    counts = "select received_records, distinct_records, rejected_records, second_walk from raw_filings_api.windows"
    assert archive.query(counts) == [(3, 2, 0, "agreed")]
    assert "1 of them with the id of another" in str(summary)


@pytest.mark.parametrize(
    "record_id",
    [
        ["filing_id", "position"],
        ["filing_id", "shares", "price", "position"],
        ["position", "issuer_id"],
        "position",
        ["$.filing_id", "position"],
    ],
)
@pytest.mark.parametrize("page_size", [500, 2])
def test_a_number_tells_equal_rows_apart_and_their_order_decides_nothing(archive, feed, record_id, page_size):
    feed.records = rows(100, 100, 250)
    archive.configure(record_id=record_id, page_size=page_size)
    loader.load("filings_api", **JANUARY)
    first = shares_by_id(archive)
    assert sum(first.values()) == 450
    # Another order, of the members of a row too, is no change.
    feed.records = [dict(reversed(row.items())) for row in rows(250, 100, 100)]
    loader.load("filings_api", **JANUARY)
    assert shares_by_id(archive) == first
    assert archive.query(
        "select distinct received_records, distinct_records from raw_filings_api.windows"
    ) == [(3, 3)]


def test_a_row_that_is_mended_takes_the_place_of_one_row(archive, feed):
    feed.records = rows(100, 100, 250)
    archive.configure(record_id=["filing_id", "position"])
    loader.load("filings_api", **JANUARY)
    feed.records = rows(100, 90, 250)
    loader.load("filings_api", **JANUARY)
    assert sorted(shares_by_id(archive).values()) == [90, 100, 250]


def test_rows_of_another_day_are_other_rows(archive, feed):
    # A window has the rows of its days alone: with a number alone, February's would take the place of January's.
    feed.records = [*rows(100, 200), *rows(300, 400, filing_date="2026-02-03")]
    archive.configure(record_id=["issuer_id", "position"])
    loader.load("filings_api", start_date=date(2026, 1, 1), end_date=date(2026, 2, 28))
    assert sorted(shares_by_id(archive).values()) == [100, 200, 300, 400]


def test_a_field_named_position_is_no_number_of_rows(archive, feed):
    feed.records = rows(100, position=1) + rows(100, position=2)
    archive.configure(record_id=["filing_id", "$.position"])
    loader.load("filings_api", **JANUARY)
    assert shares_by_id(archive) == {"F-1:1": 100, "F-1:2": 100}


def test_pages_that_shift_are_found_among_rows_without_ids(archive, feed):
    # The second page repeats a row and hides another one; the count comes out.
    feed.records = rows(*range(100, 110))
    archive.configure(record_id=["filing_id", "position"], page_size=5)

    def shift(reply, _):
        if len(feed.requests) == 1:
            feed.records = [feed.records[-1], *feed.records[:-1]]
        return reply

    feed.edit = shift
    loader.load("filings_api", **JANUARY)
    assert sorted(shares_by_id(archive).values()) == list(range(100, 110))


@pytest.mark.parametrize(
    ("written", "record_id"),
    [
        ("12.5", "12.5"),
        ("12.50", "12.5"),
        ("1.25e1", "12.5"),
        ("100.0", "100"),
        ("1e3", "1000"),
        ("0.1234567890123456789", "0.1234567890123456789"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("1e-999999999", "1E-999999999"),
    ],
)
def test_a_number_in_an_id_is_one_text_however_it_is_written(archive, feed, written, record_id):
    feed.edit = lambda reply, _: page_of(b'{"id": ' + written.encode() + b"}")
    tables = dict(archive.walk())
    assert tables["observations"]["record_id"].to_pylist() == [record_id]


def test_ids_of_records_that_are_nested_deeply_are_read_or_missing(archive, feed):
    deep = b"[" * 1000 + b"]" * 1000
    feed.edit = lambda reply, _: page_of(
        b'{"id": "F-1", "a": ' + deep + b"}", b'{"id": 1.5, "a": ' + deep + b"}"
    )
    tables = dict(archive.walk())
    assert tables["observations"]["record_id"].to_pylist() == ["F-1"]
    archive.configure(record_id="position")
    assert len(set(dict(archive.walk())["observations"]["record_id"].to_pylist())) == 2


def mixed(bad: int, good: int) -> list[dict[str, object]]:
    """Records of January, of which ``bad`` have no id at the default path."""
    records = filings(bad + good)
    for record in records[:bad]:
        record["key"] = record.pop("id")
    return records


@pytest.mark.parametrize(
    ("bad", "good", "stops"),
    [
        (6, 44, True),
        (5, 45, False),
        (7, 62, True),
        (9, 0, False),
        (10, 0, True),
        (10, 1, False),
        (12, 37, False),
    ],
)
def test_a_load_that_sets_too_much_aside_shows_one_and_fails(archive, feed, command_line, bad, good, stops):
    feed.records = mixed(bad, good)
    status, output, errors = command_line(
        "filings_api", "--start-date", "2026-01-01", "--end-date", "2026-01-31"
    )
    assert len(archive.payloads()) == good
    assert archive.query("select count(*) from raw_filings_api.rejects") == [(bad,)]
    if stops:
        assert (status, output) == (1, "")
        assert errors == (
            f"filings_api: {bad} of {bad + good} records were set aside, such as this one (missing_id): "
            f"{json.dumps(feed.records[0])}. They are archived. If a setting of [sources.filings_api] is wrong, mend it and run "
            "again: they are read again then. If the feed was wrong, load their days again once it is mended\n"
        )
    else:
        assert (status, errors) == (0, "")
        assert f"{bad + good} records, {bad} of them set aside" in output


def test_the_one_that_is_shown_is_short_and_obeys_nobody(archive, feed, command_line):
    feed.records = [{"name": "\x1b[31m\u202e" + "x" * 1000} for _ in range(10)]
    feed.edit = lambda reply, _: json.dumps(reply, ensure_ascii=False).replace("\\u001b", "\x1b").encode()
    status, _, errors = command_line("filings_api", "--start-date", "2026-03-01", "--end-date", "2026-03-09")
    assert (status, errors.count("\n"), "\x1b" in errors, "\u202e" in errors) == (1, 1, False, False)
    assert "(invalid_json): " in errors
    assert len(errors) < 500


def test_what_was_set_aside_is_read_again_once_the_settings_are_mended(archive, feed):
    feed.records = [record | {"key": record["id"]} for record in filings(28) + filings(28, "2026-02")]
    archive.configure(start_date="2026-01-01", record_id="nr", window="week")
    with pytest.raises(loader.LoadError, match="56 of 56 records were set aside"):
        loader.load("filings_api")
    # The same settings set the same aside: a plain run goes on where the archive ends.
    assert loader.load("filings_api").first_day == date(2026, 3, 3)
    archive.configure(record_id="key", window="month")
    summary = loader.load("filings_api")
    assert (summary.first_day, summary.received_records, summary.rejected_records) == (
        date(2026, 1, 1),
        56,
        0,
    )
    assert sorted(archive.payloads()) == sorted(json.dumps(record) for record in feed.records)
    # And not a third time.
    assert loader.load("filings_api").first_day == date(2026, 3, 3)
    # Now that they are read, another id would make a second record of each.
    archive.configure(record_id="id")
    with pytest.raises(
        loader.LoadError, match="records by record_id key, not id, by which each would count twice"
    ):
        loader.load("filings_api")
    archive.configure(same_feed=True)
    assert loader.load("filings_api").first_day == date(2026, 3, 3)


@pytest.mark.parametrize("mended", [{"encoding": "latin-1"}, {"records_path": "filings"}])
def test_a_window_with_one_bad_record_is_read_again_under_other_settings(archive, feed, mended):
    lists = {"results": b'{"id": "F-1"}, {"id": "F-2", "name": "J\xf6rg"}', "filings": b""}
    if "records_path" in mended:
        lists = {"results": b'{"id": "F-1"}, "F-2"', "filings": b'{"id": "F-1"}, {"id": "F-2"}'}

    def reply(_, asked):
        in_january = asked["from_date"] <= "2026-01-31"
        members = (
            b'"%s": [%s]' % (name.encode(), found if in_january else b"") for name, found in lists.items()
        )
        return b"{" + b", ".join(members) + b"}"

    feed.edit = reply
    archive.configure(start_date="2026-01-01", pagination="none")
    assert loader.load("filings_api").rejected_records == 1
    archive.configure(**mended)
    assert loader.load("filings_api").rejected_records == 0
    ids = "select distinct record_id from raw_filings_api.observations order by 1"
    assert archive.query(ids) == [("F-1",), ("F-2",)]


def test_what_was_read_again_meanwhile_is_not_read_a_third_time(archive, feed):
    feed.records = [*filings(28), {"name": "no id", "filing_date": "2026-01-15"}]
    archive.configure(start_date="2026-01-01")
    assert loader.load("filings_api").rejected_records == 1
    # The feed mended it, and a run of other windows saw that.
    feed.records[-1] |= {"id": "F-99"}
    loader.load("filings_api", start_date=date(2026, 1, 1), end_date=date(2026, 1, 10))
    archive.configure(records_path="results.all")
    feed.edit = lambda reply, _: reply | {"results": {"all": reply["results"]}}
    loader.load("filings_api", start_date=date(2026, 1, 11), end_date=date(2026, 2, 10))
    assert loader.load("filings_api").first_day == date(2026, 3, 3)


def test_given_days_are_walked_alone(archive, feed):
    feed.records = mixed(1, 20)
    archive.configure(start_date="2026-01-01")
    loader.load("filings_api")
    archive.configure(record_id="key", same_feed=True)
    summary = loader.load("filings_api", start_date=date(2026, 3, 1))
    assert summary.first_day == date(2026, 3, 1)


def test_an_archive_that_does_not_say_how_it_was_read_is_read_again_once(archive, feed):
    feed.records = mixed(1, 20)
    archive.configure(start_date="2026-01-01")
    loader.load("filings_api")
    archive.query("update raw_filings_api.windows set field_paths = '{}'")
    assert loader.load("filings_api").first_day == date(2026, 1, 1)
    assert loader.load("filings_api").first_day == date(2026, 3, 3)
