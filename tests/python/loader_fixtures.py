"""Fixtures of the loader's tests: an archive and a feed of its own for each test."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from feed_server import FeedServer
from project import PROJECT

import loader.__main__
from loader.archive.archive import NamedTable
from loader.archive.windows import Window
from loader.config import read_secret
from loader.sources.filings_api import Feed, read_feed


def without_progress(errors: str) -> str:
    """What was written to stderr, without the lines that say how far a load is: each begins with the time."""
    return re.sub(r"^\d\d:\d\d:\d\d .*\n", "", errors, flags=re.MULTILINE)


class Archive:
    """A database and settings of its own for the loader, in this process's environment."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.database = folder / "filings.duckdb"
        self._monkeypatch = monkeypatch
        monkeypatch.delenv("INSIDER_ARCHIVE_URL", raising=False)
        for name in [name for name in os.environ if name.startswith("SOURCES__")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("INSIDER_FILINGS_DB", str(self.database))
        monkeypatch.setenv("DLT_DATA_DIR", str(folder / "dlt_data"))
        monkeypatch.setenv("DLT_PROJECT_DIR", str(PROJECT))
        monkeypatch.setenv("RUNTIME__REQUEST_MAX_ATTEMPTS", "3")
        monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0")
        self.set_clock("2026-03-10T13:00:00")
        self.configure(api_key="", attempts=2)

    def set_clock(self, instant: str) -> None:
        """Let the loader think that it is ``instant`` (UTC)."""
        self._monkeypatch.setenv("INSIDER_FILINGS_NOW", instant)

    def configure(self, **settings: Any) -> None:
        """Set keys of ``[sources.filings_api]``; two underscores lead into its tables."""
        for key, value in settings.items():
            text = value if isinstance(value, str) else json.dumps(value)
            self._monkeypatch.setenv(f"SOURCES__FILINGS_API__{key.upper()}", text)

    def walk(self) -> list[NamedTable]:
        """The tables of one walk over January 2026 with the present settings, which are not archived."""
        source = Feed("filings_api", read_feed(), read_secret("filings_api", "api_key"))
        january = Window(date(2026, 1, 1), date(2026, 1, 31), is_closed=True)
        return list(source.walk(january, lambda records: None))

    def use(self, kind: str, name: str = "filings") -> None:
        """Archive in a ``database`` (the default) or in a ``folder`` of this name from now on."""
        self.database = self.folder / f"{name}.duckdb"
        self._monkeypatch.setenv("INSIDER_FILINGS_DB", str(self.database))
        self._monkeypatch.delenv("INSIDER_ARCHIVE_URL", raising=False)
        if kind == "folder":
            self._monkeypatch.setenv("INSIDER_ARCHIVE_URL", str(self.folder / name))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the archive; of a folder only the files that bear the name of a committed load can be read."""
        if not (url := os.environ.get("INSIDER_ARCHIVE_URL")):
            with duckdb.connect(self.database) as connection:
                return connection.execute(sql).fetchall()
        with duckdb.connect() as connection:
            for dataset in Path(url).glob("raw_*"):
                connection.execute(f"create schema {dataset.name}")
                marks = [json.loads(mark.read_text()) for mark in dataset.glob("_dlt_loads/*.jsonl")]
                loads = [(mark["load_id"], mark["status"]) for mark in marks]
                connection.execute(f"create table {dataset.name}._dlt_loads (load_id text, status bigint)")
                connection.executemany(f"insert into {dataset.name}._dlt_loads values (?, ?)", loads)
                for table in ("observations", "rejects", "windows"):
                    files = [str(file) for load, _ in loads for file in dataset.glob(f"{table}/{load}.*")]
                    connection.execute(
                        f"create table {dataset.name}.{table} as select * from read_parquet({files})"
                    )
            return connection.execute(sql).fetchall()

    def payloads(self) -> list[str]:
        """The payloads of all observations, in the order of their walks."""
        table = "raw_filings_api.observations"
        return [
            p
            for (p,) in self.query(
                f"select payload from {table} order by _dlt_load_id, window_start, page_number, position"
            )
        ]

    def windows(self) -> list[tuple[Any, ...]]:
        """First day, last day and whether closed, of all windows, as text."""
        columns = "window_start::text, window_end::text, is_closed"
        return self.query(
            f"select {columns} from raw_filings_api.windows order by _dlt_load_id, window_start"
        )


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    """An empty archive; it is 13:00 UTC on 2026-03-10, so that 2026-03-09 is the last closed day."""
    return Archive(tmp_path, monkeypatch)


@pytest.fixture
def feed(archive: Archive):
    """A feed that the loader is configured for."""
    with FeedServer().serve() as server:
        archive.configure(base_url=server.url)
        yield server


@pytest.fixture
def command_line(archive: Archive, capfd: pytest.CaptureFixture) -> Callable[..., tuple[int, str, str]]:
    """Calls the loader's command line in this process; the result is the exit status, stdout, and stderr without progress."""

    def call(*arguments: str) -> tuple[int, str, str]:
        capfd.readouterr()
        status, (output, errors) = loader.__main__.main(list(arguments)), capfd.readouterr()
        return status, output, without_progress(errors)

    return call


@pytest.fixture
def run_loader(archive: Archive) -> Callable[..., tuple[int, str, str]]:
    """Runs ``python -m loader`` in a process; the result is the exit status, stdout, and stderr without progress."""

    def run(*arguments: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-m", "loader", *arguments],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.returncode, done.stdout, without_progress(done.stderr)

    return run
