"""Several feeds are sources of their own: told apart by `source` wherever their records come."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import project
import pytest
from feed_server import FeedServer, filing

import loader
import runner.__main__
import sandbox
from runner.settings import Files

if TYPE_CHECKING:
    from pathlib import Path

    from loader_fixtures import Archive

pytest_plugins = ("loader_fixtures",)

KEYS = {"alpha": "the key of alpha", "beta": "the key of beta"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own folder of feeds."""
    monkeypatch.setenv("INSIDER_FEEDS", str(tmp_path / "own"))
    (tmp_path / "own").mkdir()
    return tmp_path / "own"


def describe(folder: Path, name: str, address: str, text: str = "") -> None:
    (folder / f"{name}.toml").write_text(
        f'extends = "article"\nbase_url = "{address}"\nstart_date = 2026-03-01\n{text}', encoding="utf-8"
    )


def of_source(rows: list[dict[str, Any]], source: str) -> list[list[str]]:
    """The rows of a source, without its name and without what differs from load to load."""
    passing = (
        "walk_id",
        "started_at",
        "finished_at",
        "seen_at",
        "observed_at",
        "feed",
        "content_hash",
        "payload",
    )
    return sorted(
        [str(value).replace(source, "feed") for column, value in row.items() if not column.endswith(passing)]
        for row in rows
        if row["source"] == source
    )


MARTS = ("insider_transaction_versions", "insider_transactions", "filing_owners", "field_completeness", "quarantined_records",
         "unmapped_values", "load_completeness", "source_status", "duplicate_lines", "amendment_matches")  # fmt: skip


@pytest.mark.parametrize("kind", ["folder", pytest.param("database", marks=pytest.mark.nightly)])
def test_feeds_of_one_content_differ_in_their_name_alone(
    archive: Archive, folder: Path, seeded: Path, monkeypatch, kind: str
) -> None:
    archive.use(kind)
    project.copy_of(seeded, archive.database)
    with FeedServer().serve() as plain, FeedServer().serve() as renamed:
        plain.records = sandbox.generate("realistic", filings=60, end_date=date(2026, 3, 5))
        # The other one has a name of its own for a field; half of its records are those of the first to the last sign.
        for number, record in enumerate(plain.records):
            if isinstance(record, dict) and "ticker" in record:
                record["symbol"] = record["ticker"] if number % 2 else "read by nobody"
        renamed.records = [
            record
            if number % 2 or not isinstance(record, dict)
            else {
                "symbol" if key == "ticker" else key: value
                for key, value in record.items()
                if key != "symbol"
            }
            for number, record in enumerate(plain.records)
        ]
        describe(folder, "alpha", plain.url)
        describe(folder, "beta", renamed.url, '[field_paths.record]\nticker = "symbol"\n')
        for name, key in KEYS.items():
            monkeypatch.setenv(f"SOURCES__{name.upper()}__API_KEY", key)
            loader.load(name, start_date=date(2025, 1, 1), end_date=date(2026, 3, 9))
        sent = [{headers["Authorization"] for *_, headers in feed.requests} for feed in (plain, renamed)]
    assert sent == [{"Bearer the key of alpha"}, {"Bearer the key of beta"}]
    assert loader.archived_feeds() == ["alpha", "beta"]
    assert loader.archived_filing_days().last == date(2026, 3, 9)

    statuses = project.build_everything(archive.database)
    assert set(statuses.values()) <= {"success", "pass", "warn", "no-op"}, statuses
    for mart in MARTS:
        rows = project.rows(archive.database, f"select * from marts.{mart}")
        assert of_source(rows, "alpha") == of_source(rows, "beta"), mart
    in_both = "select content_hash from staging.stg_filings_api__payloads group by 1 having count(distinct source) = 2"
    assert project.rows(archive.database, in_both)
    directions = "select distinct source from marts.insider_transactions where direction = 'buy' order by 1"
    assert project.rows(archive.database, directions) == [{"source": "alpha"}, {"source": "beta"}]
    tickers = "select count(distinct ticker) as tickers from marts.insider_transactions"
    assert project.rows(archive.database, tickers)[0]["tickers"] > 1


def test_a_feed_that_stops_costs_no_other(archive: Archive, folder: Path, tmp_path: Path) -> None:
    with FeedServer([filing(1, "2026-03-02")]).serve() as good, FeedServer().serve() as bad:
        bad.fault = lambda number, parameters: (403, {}, b"no")
        describe(folder, "alpha", bad.url)
        describe(folder, "beta", good.url)
        files = Files.in_folder(tmp_path, {"INSIDER_FILINGS_DB": str(archive.database)})
        assert loader.wanted_sources() == ["alpha", "beta", "ecb_rates"]
        with pytest.raises(
            loader.LoadError, match=r"^alpha: window 2026-03-01\.\.2026-03-09: .*403"
        ) as stopped:
            runner.__main__.load(files, ["alpha", "beta"])
    assert list(stopped.value.reasons) == ["alpha"]
    assert loader.archived_feeds() == ["beta"]
    assert archive.query("select source, received_records from raw_beta.windows where is_closed") == [
        ("beta", 1)
    ]


def test_a_daily_run_loads_what_is_switched_on(archive: Archive, folder: Path, monkeypatch) -> None:
    def wanted() -> list[str]:
        return [name for name in loader.wanted_sources() if name != "ecb_rates"]

    # What says what is missing.
    assert wanted() == ["filings_api"]
    describe(folder, "alpha", "http://127.0.0.1")
    describe(folder, "beta", "http://127.0.0.1", "enabled = false")
    assert wanted() == ["alpha"]
    archive.configure(base_url="http://127.0.0.1")
    assert wanted() == ["alpha", "filings_api"]
    monkeypatch.setenv("SOURCES__BETA__ENABLED", "true")
    monkeypatch.setenv("SOURCES__ALPHA__ENABLED", "false")
    archive.configure(enabled="false")
    assert wanted() == ["beta"]


@pytest.mark.parametrize("name", ["Alpha", "al__pha", "al-pha", "prices", "article", "1a"])
def test_a_feed_has_a_name_that_a_schema_can_have(
    archive: Archive, folder: Path, name: str, command_line
) -> None:
    describe(folder, name, "http://127.0.0.1")
    status, _, errors = command_line("ecb_rates")
    assert status == 1
    assert f"{name}.toml: the name of a feed has lower-case letters" in errors


def test_a_typo_in_a_variable_of_a_feed_is_refused(archive: Archive, folder: Path, monkeypatch) -> None:
    describe(folder, "alpha", "http://127.0.0.1")
    monkeypatch.setenv("SOURCES__ALPHA__PAGINATON", "page")
    with pytest.raises(loader.LoadError, match="did you mean SOURCES__ALPHA__PAGINATION"):
        loader.load("ecb_rates")
