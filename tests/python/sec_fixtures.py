"""Fixtures of the tests that load from a server like EDGAR: an archive and a server of its own for each test."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import real_filings
from edgar_server import EdgarServer
from project import PROJECT
from sec_filings import SecArchive, filings


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SecArchive:
    """An empty archive; it is 13:00 UTC on Monday 2023-04-10, so that Sunday is the last closed day."""
    archive = SecArchive(tmp_path, monkeypatch)
    archive.set_clock("2023-04-10T13:00:00")
    return archive


@pytest.fixture
def edgar(archive: SecArchive) -> Iterator[EdgarServer]:
    """EDGAR with three filings on each day from Monday 2023-04-03 to Thursday (the 7th was Good Friday)."""
    with EdgarServer(filings([f"2023-04-0{day}" for day in (3, 4, 5, 6)])).serve() as server:
        archive.configure(base_url=server.url)
        yield server


@pytest.fixture(scope="session")
def real_edgar() -> Iterator[str]:
    """The address of a process that serves the real filings as EDGAR does."""
    command = [
        sys.executable,
        str(Path(__file__).with_name("edgar_server.py")),
        str(real_filings.archive()),
    ]
    environment = os.environ | {"PYTHONPATH": str(PROJECT)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        yield process.stdout.readline().strip()
        process.stdin.close()
