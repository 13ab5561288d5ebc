"""However often a load is killed, the marts are those of one that was not."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import project
import pytest
from loader_fixtures import without_progress

import sandbox

FIRST_DAY = "2026-03-20"
KILLS = 5


@pytest.fixture(scope="module")
def feed() -> Iterator[sandbox.Sandbox]:
    with sandbox.serve(
        scenario="adversarial", filings=200, start_date=FIRST_DAY, end_date="2026-03-31"
    ) as api:
        yield api


def start_load(feed: sandbox.Sandbox, folder: Path) -> subprocess.Popen:
    """A process that loads the feed day by day into the folder's database, and has asked for its first page."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SOURCES__")} | {
        "INSIDER_FILINGS_DB": str(folder / "insider_filings.duckdb"),
        "INSIDER_FILINGS_NOW": "2026-04-01T13:00:00Z",
        "DLT_DATA_DIR": str(folder / "dlt_data"),
        "SOURCES__FILINGS_API__BASE_URL": feed.url,
        "SOURCES__FILINGS_API__START_DATE": FIRST_DAY,
        "SOURCES__FILINGS_API__WINDOW": "day",
        "SOURCES__FILINGS_API__LAG_DAYS": "0",
        "SOURCES__FILINGS_API__PAGE_SIZE": "5",
    }
    requests = feed.stats()["requests"]
    process = subprocess.Popen(
        [sys.executable, "-m", "loader", "filings_api"],
        cwd=project.PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while feed.stats()["requests"] == requests and process.poll() is None:
        time.sleep(0.02)
    return process


def load_until_done(feed: sandbox.Sandbox, folder: Path) -> float:
    """Loads all that is left; the seconds since the first request."""
    process = start_load(feed, folder)
    began = time.monotonic()
    _, errors = process.communicate(timeout=120)
    assert (process.returncode, without_progress(errors)) == (0, "")
    return time.monotonic() - began


def versions(folder: Path) -> Counter[tuple]:
    """Every line version; the clock stands still, so that even the times of observation are the same."""
    database = folder / "insider_filings.duckdb"
    project.run_models(database)
    rows = project.rows(database, "select * from marts.insider_transaction_versions")
    return Counter(tuple(row.values()) for row in rows)


@pytest.mark.nightly
def test_killed_again_and_again_it_ends_with_the_same_versions(feed, seeded, tmp_path) -> None:
    folders = {name: tmp_path / name for name in ("undisturbed", "killed")}
    for folder in folders.values():
        folder.mkdir()
        project.copy_of(seeded, folder / "insider_filings.duckdb")
    seconds = load_until_done(feed, folders["undisturbed"])

    chance, killed = Random(), 0
    for _ in range(KILLS):
        process = start_load(feed, folders["killed"])
        time.sleep(chance.uniform(0, seconds / 3))
        killed += process.poll() is None
        process.kill()
        process.communicate()
    assert killed > 1
    load_until_done(feed, folders["killed"])

    expected = versions(folders["undisturbed"])
    assert expected.total() > 200
    assert versions(folders["killed"]) == expected
