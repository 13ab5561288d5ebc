"""A feed is a file, and says of a request what vendors want: a query text, one symbol, one day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from feed_server import FeedServer, filing

import loader
from loader.sources.feed import files

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = ("loader_fixtures",)

DAY = date(2026, 3, 2)


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Writes the user's own file of the feed."""
    monkeypatch.setenv("INSIDER_FEEDS", str(tmp_path / "own"))
    (tmp_path / "own").mkdir()
    return (tmp_path / "own" / "filings_api.toml").write_text


def test_a_file_of_the_user_takes_the_place_of_the_projects(archive, feed, write) -> None:
    write(
        'extends = "article"\nrecords_path = "items"\nwindow = "day"\n[field_paths.record]\nticker = "symbol"\n'
    )
    settings = files.read("filings_api")
    assert (settings["records_path"], settings["window"], settings["attempts"]) == ("items", "day", 3)
    assert settings["field_paths"]["record"]["ticker"] == "symbol"
    assert settings["field_paths"]["record"]["issuer_id"] == "issuer_id"
    feed.records = [filing(1, "2026-03-02")]
    feed.edit = lambda reply, _: {"items": reply["results"]}
    assert loader.load("filings_api", start_date=DAY, end_date=DAY).received_records == 1
    # The paths of another feed are none of one that does not extend it.
    write('[field_paths.record]\nticker = "symbol"\n')
    assert files.read("filings_api")["field_paths"] == {"record": {"ticker": "symbol"}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('extends = "artcle"', "extends 'artcle', which is no feed of the project: did you mean article?"),
        (
            'extends = "article"\npaginaton = "page"',
            "paginaton in .* is no setting: did you mean pagination?",
        ),
        ("extends", "filings_api.toml: "),
        ('extends = "article"\nto_parameter = ""', 'takes one day alone: set window = "day"'),
        ('extends = "article"\nsymbols = "none.txt"', "symbols: the file none.txt cannot be read"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused(archive, feed, write, text: str, message: str) -> None:
    write(text)
    with pytest.raises(loader.LoadError, match=message):
        loader.load("filings_api", start_date=DAY, end_date=DAY)
    assert not feed.requests


class Vendor(FeedServer):
    """Serves at most `cap` rows of a symbol and no more pages, in a root array."""

    cap = 3

    def reply(self, parameters: dict[str, Any]) -> list[Any]:
        found = self.found(parameters["from"], parameters["to"])
        return [record for record in found if record["ticker"] == parameters["symbol"]][: self.cap]


def test_each_symbol_is_asked_for_and_a_new_one_is_loaded_for_all_days(archive) -> None:
    rows = [filing(number, f"2026-02-{number:02d}", ticker="AAA") for number in range(1, 9)]
    rows += [filing(number + 20, "2026-02-03", ticker="BBB") for number in range(2)]
    archive.configure(
        pagination="none", records_path="$", record_cap=3, from_parameter="from", to_parameter="to"
    )
    archive.configure(start_date="2026-02-01", symbols=["AAA"])
    with Vendor(rows).serve() as vendor:
        archive.configure(base_url=vendor.url)
        # Windows in which a reply may be cut are split, until each is whole.
        assert loader.load("filings_api").received_records == 8
        archive.configure(symbols=["AAA", "BBB"])
        loader.load("filings_api")
        vendor.requests.clear()
        loader.load("filings_api")
        # Once: February is not read a third time.
        assert min(parameters["from"] for _, _, parameters, _ in vendor.requests) > "2026-02-20"
    held = archive.query("select count(distinct record_id) from raw_filings_api.observations")
    assert held == [(10,)]


def test_what_one_symbol_lacks_another_does_not_make_up_for(archive) -> None:
    class Counting(Vendor):
        totals = {"AAA": 2, "BBB": 0}  # noqa: RUF012

        def reply(self, parameters: dict[str, Any]) -> dict[str, Any]:
            return {"results": super().reply(parameters), "total": self.totals[parameters["symbol"]]}

    rows = [filing(number, "2026-02-03", ticker=ticker) for number, ticker in enumerate(["AAA", "BBB"])]
    archive.configure(pagination="none", from_parameter="from", to_parameter="to", symbols=["AAA", "BBB"])
    days = {"start_date": date(2026, 2, 1), "end_date": date(2026, 2, 28)}
    with Counting(rows).serve() as vendor:
        archive.configure(base_url=vendor.url)
        with pytest.raises(loader.LoadError, match="1 records received on 1 pages, 2 declared"):
            loader.load("filings_api", **days)
        vendor.totals = {"AAA": 1, "BBB": 1}
        assert loader.load("filings_api", **days).received_records == 2
    assert archive.query("select reported_records from raw_filings_api.windows") == [(2,)]


def test_days_are_named_inside_a_query_text(archive) -> None:
    class Search(FeedServer):
        def reply(self, parameters: dict[str, Any]) -> Any:
            _, first, _, last = parameters["query"].replace("[", " ").rstrip("]").split()
            found, start = self.found(first, last), parameters["start"]
            return {"total": {"value": len(found)}, "results": found[start : start + parameters["page_size"]]}

    archive.configure(
        method="POST", pagination="offset", offset_parameter="start", page_size=2, start_date="2026-03-01",
        from_parameter="", to_parameter="", extra_parameters={"query": "filedAt:[{from} TO {to}]"}, total_path="total.value",
    )  # fmt: skip
    with Search([filing(number, "2026-03-02") for number in range(5)]).serve() as server:
        archive.configure(base_url=server.url)
        assert loader.load("filings_api").received_records == 5
        assert server.requests[0][2]["query"] == "filedAt:[2026-03-01 TO 2026-03-09]"


def test_a_feed_that_takes_one_day_is_asked_for_each_day(archive) -> None:
    class OneDay(FeedServer):
        def reply(self, parameters: dict[str, Any]) -> Any:
            return {"results": self.found(parameters["date"], parameters["date"])}

    archive.configure(
        pagination="none", from_parameter="date", to_parameter="", window="day", start_date="2026-03-08"
    )
    with OneDay([filing(number, f"2026-03-{number:02d}") for number in (8, 9, 10)]).serve() as server:
        archive.configure(base_url=server.url)
        assert loader.load("filings_api").received_records == 3
        # It ignores the day: stopped, not taken for complete.
        server.serves = lambda *_: True
        archive.use("database", "other")
        with pytest.raises(loader.LoadError, match="the feed ignores from_parameter"):
            loader.load("filings_api")
