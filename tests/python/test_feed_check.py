"""What `--check` and `--list` say of a feed before anything is loaded."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from feed_server import FeedServer

import loader
import sandbox

if TYPE_CHECKING:
    from pathlib import Path

    from loader_fixtures import Archive

pytest_plugins = ("loader_fixtures",)

DAYS = ("--start-date", "2026-03-01", "--end-date", "2026-03-08")
COUNT = 40


def record(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "id": f"F-{number}", "issuer_id": "I-1", "issuer_name": "Made Up AB", "filing_date": f"2026-03-{1 + number % 8:02d}",
        "updated_at": f"2026-03-{1 + number % 8:02d}T12:00:00Z", "country": "SE",
        "owners": [{"id": "P-1", "name": "Ann Made-Up", "role": "CEO"}, {"id": "P-2", "name": "Bo Made-Up"}],
        "transactions": [{"transaction_type": "buy", "transaction_date": "2026-02-27", "shares": number, "price": "1.5"}],
    } | fields  # fmt: skip


@pytest.fixture
def served(feed: FeedServer) -> FeedServer:
    feed.records = [record(number) for number in range(COUNT)]
    return feed


def fields_of(output: str) -> dict[str, list[str]]:
    """The rows of the table: how often a field was filled, from which path, and the example."""
    rows = [re.split(r"\s{2,}", line) for line in output.splitlines()]
    return {row[0]: row[1:] for row in rows if len(row) > 1}


def test_each_field_is_shown_with_its_path_and_an_example(archive: Archive, served, command_line) -> None:
    status, output, _ = command_line("filings_api", "--check", *DAYS)
    assert status == 0, output
    assert output.splitlines()[0].endswith(
        "/filings, 2026-03-01..2026-03-08: 40 records on the first page; the feed declares 40 records"
    )
    fields = fields_of(output)
    assert fields["issuer_name"] == ["40 of 40", "issuer_name", "Made Up AB"]
    assert fields["ticker"] == ["0 of 40"]
    # Two owners a record; an owner's `id` is no path in the record around it.
    assert fields["insider_id"] == ["80 of 80", "id", "P-1"]
    assert fields["insider_role"] == ["40 of 80", "role", "CEO"]
    assert fields["price"] == ["40 of 40", "price", "1.5"]
    assert "nobody reads: nothing" in output
    assert output.splitlines()[-1] == "It can be loaded."
    assert not archive.database.exists() or loader.archived_feeds() == []


def test_what_nobody_reads_and_no_map_knows_is_named(served, command_line) -> None:
    served.records[0] |= {"status": "halfway", "extra": {"\x1b[2Jdeep": [1]}}
    served.records[1]["transactions"][0]["transaction_type"] = "kjøp"
    status, output, _ = command_line("filings_api", "--check", *DAYS)
    assert status == 0, output
    assert "no map knows of transaction_type: kjøp (1)" in output
    assert "no map knows of status: halfway (1)" in output
    assert r"nobody reads: extra.\x1b[2Jdeep" in output
    assert "\x1b" not in output


@pytest.mark.parametrize(
    ("settings", "edit", "problem"),
    [
        (
            {"record_id": "identity"},
            {},
            r"40 of 40 records would be set aside, such as this one \(missing_id\): \{\"id\"",
        ),
        (
            {"field_paths__owner__insider_id": "who", "field_paths__owner__insider_name": "whom"},
            {},
            r"no record gives an insider \(insider_id or insider_name\)",
        ),
        (
            {"field_paths__line__shares": "volume"},
            {},
            r"no record gives how much \(shares or value\)",
        ),
        (
            {"field_paths__record__filing_date": "day", "field_paths__record__updated_at": "time"},
            {},
            "no record gives a day or a time of publication",
        ),
        ({}, {"serves": lambda day, first, last: first <= day < last}, r"leaves out the last day .*to_is_exclusive"),
        ({}, {"serves": lambda day, first, last: True}, "the feed ignores from_parameter .* and to_parameter"),
        ({}, {"edit": lambda reply, _: reply | {"total_count": 5}}, "declares 5 records and gives 40"),
        ({}, {"records": []}, "the feed has no record of these days: give --start-date"),
    ],
)  # fmt: skip
def test_a_feed_that_cannot_be_loaded_so_says_why(
    archive: Archive, served, command_line, settings: dict[str, str], edit: dict[str, Any], problem: str
) -> None:
    archive.configure(**settings)
    for name, value in edit.items():
        setattr(served, name, value)
    status, output, _ = command_line("filings_api", "--check", *DAYS)
    assert status == 1
    assert re.search(f"problem: .*{problem}", output), output
    assert output.splitlines()[-1] == "It cannot be loaded so."


def test_days_that_hold_too_much_are_halved(archive: Archive, served, command_line) -> None:
    archive.configure(record_cap="12")
    status, output, _ = command_line("filings_api", "--check", *DAYS)
    assert status == 0, output
    assert "2026-03-07..2026-03-08: 10 records on the first page" in output


def test_a_key_that_a_feed_echoes_is_not_printed(archive: Archive, served, command_line) -> None:
    archive.configure(api_key="s3cret-key")
    served.records[0]["url"] = "http://127.0.0.1/F-0?key=s3cret-key"
    status, output, errors = command_line("filings_api", "--check", *DAYS)
    assert status == 0
    assert "s3cret-key" not in output + errors
    assert fields_of(output)["url"][0] == "1 of 40"


def test_a_feed_that_refuses_is_an_error(served, command_line) -> None:
    served.fault = lambda number, parameters: (403, {}, b"no")
    status, output, errors = command_line("filings_api", "--check", *DAYS)
    assert (status, output) == (1, "")
    assert re.match(r"filings_api: .*403", errors)


def test_the_sandbox_can_be_loaded(served, command_line) -> None:
    served.records = sandbox.generate("clean", filings=60, end_date=date(2026, 3, 5))
    status, output, _ = command_line(
        "filings_api", "--check", "--start-date", "2026-02-01", "--end-date", "2026-03-05"
    )
    assert status == 0, output


def test_feeds_are_listed_with_what_they_need(
    archive: Archive, served, command_line, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setenv("INSIDER_FEEDS", str(tmp_path))
    (tmp_path / "mine.toml").write_text(
        'extends = "article"\nabout = "a feed of mine"\nverified = "against a reply of 2026-01-02"\nenabled = false\n'
    )
    loader.load("filings_api", start_date=date(2026, 3, 1), end_date=date(2026, 3, 8))
    status, output, _ = command_line("--list")
    assert status == 0
    lines = {line.split(":")[0]: line for line in output.splitlines()}
    assert "filings_api: on; needs api_key; " in lines["filings_api"]
    assert re.search(r"loaded 2026-03-10 13:00 UTC, complete through 2026-03-08$", lines["filings_api"])
    assert lines["mine"] == (
        "mine: off; needs base_url, api_key; a feed of mine; verified: against a reply of 2026-01-02; never loaded"
    )


def test_neither_a_source_nor_a_list_is_refused(command_line) -> None:
    with pytest.raises(SystemExit, match="2"):
        command_line()
