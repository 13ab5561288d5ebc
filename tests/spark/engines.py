"""Archives in folders, what DuckDB makes of them, and builds of the same on Spark in processes of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import project
import sec_archive

import loader
import sandbox
import sandbox.prices
from runner.build import dbt
from tools.benchmarks.cluster import Cluster

CONFIGURATION = Path(__file__).parent / "conf"
MODELS = [
    "--select",
    "resource_type:seed",
    "resource_type:model",
    "test_type:singular",
    "--exclude",
    "tag:measured",
    "--indirect-selection",
    "empty",
]
"""What is built where the generic tests of columns have run elsewhere already: models, and the tests of our invariants."""


class Stage(NamedTuple):
    """An archive as it was on a day, and the database that DuckDB built of it."""

    archive: Path
    database: Path


@contextmanager
def _environment(folder: Path, now: str, **settings: str) -> Iterator[None]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("SOURCES__")}
    own |= {
        "INSIDER_ARCHIVE_URL": str(folder / "archive"),
        "INSIDER_FILINGS_DB": str(folder / "working.duckdb"),
        "DLT_DATA_DIR": str(folder / "dlt_data"),
        "INSIDER_FILINGS_NOW": now,
    }
    with patch.dict(os.environ, own | settings, clear=True):
        yield


def _stage(folder: Path, day: int, arguments: Sequence[str]) -> Stage:
    """Keeps the archive as it is, and what DuckDB makes of it; the next day goes on with both."""
    stage = Stage(folder / f"archive_{day}", folder / f"day_{day}.duckdb")
    shutil.copytree(folder / "archive", stage.archive)
    for tables in stage.archive.glob("raw_*"):
        _as_killed_loads_leave_it(tables)
    os.environ["INSIDER_ARCHIVE_URL"] = str(stage.archive)
    result = dbt(folder / "working.duckdb", "--quiet", "build", *arguments)
    assert result.success, result.exception
    project.copy_of(folder / "working.duckdb", stage.database)
    return stage


def _as_killed_loads_leave_it(tables: Path) -> None:
    """Adds files that must not be read: one cut off in the middle, a whole one whose load has no mark, a mark that says nothing."""
    whole = next(tables.glob("observations/*.parquet"))
    (whole.parent / "1.5.cut.parquet").write_bytes(whole.read_bytes()[:-100])
    (whole.parent / "1.5.unmarked.parquet").write_bytes(whole.read_bytes())
    (tables / "_dlt_loads" / f"{tables.name}__1.6.jsonl").write_text('{"load_id": "1.')


def feed_stages(
    folder: Path,
    scenario: str,
    filings: int,
    start_date: str,
    arguments: Sequence[str],
    sec_filings: Sequence[Sequence[sec_archive.Payload]] = ((), ()),
) -> list[Stage]:
    """A sandbox's filings, loaded on 30 March and again two days later, when some are new, some have changed and one is gone.

    Beside them its prices, and ``sec_filings``: what EDGAR has on the first of these days, and what on the second.
    """
    records = sandbox.generate(scenario, filings, start_date=date.fromisoformat(start_date))
    sandbox.prices.write(folder / "prices", records)
    _misprint(folder / "prices" / "SE.csv", "2026-03-10")
    last_loaded = max(record["id"] for record in records if _filing_date(record) == "2026-03-29")
    moments = ("2026-03-30T13:00:00Z", "2026-04-01T13:00:00Z")
    with sandbox.serve(scenario=scenario, filings=filings, start_date=start_date, now=moments[0]) as api:
        settings = {"BASE_URL": api.url, "START_DATE": start_date}
        stages = []
        for day, now in enumerate(moments, start=1):
            api.control(now=now, remove=[last_loaded] if day == 2 else [])
            with _environment(
                folder, now, **{f"SOURCES__FILINGS_API__{key}": value for key, value in settings.items()}
            ):
                loader.load("filings_api")
                if day == 1:
                    loader.load("ecb_rates")
                    loader.load("prices", path=folder / "prices")
                if of_day := sec_filings[day - 1]:
                    last_day = date.fromisoformat(now[:10]) - timedelta(days=1)
                    sec_archive.write_edgar(folder / "working.duckdb", of_day, now, last_day)
                stages.append(_stage(folder, day, arguments))
    return stages


def _misprint(prices: Path, session: str) -> None:
    """Makes ten times of the first close on ``session``: a jump that no split explains."""
    lines = prices.read_text(encoding="utf-8").splitlines()
    number = next(number for number, line in enumerate(lines) if f",{session}," in line)
    cells = lines[number].split(",")
    close = lines[0].replace('"', "").split(",").index("close")
    cells[close] = str(float(cells[close]) * 10)
    lines[number] = ",".join(cells)
    prices.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _filing_date(record: Any) -> str | None:
    return record.get("filing_date") if isinstance(record, dict) else None


def sec_stages(folder: Path, arguments: Sequence[str]) -> list[Stage]:
    """The real filings: a half of them from the data sets of the quarter, and a day later all of them from EDGAR."""
    contents = sec_archive.submissions()
    half = {
        accession: content
        for number, (accession, content) in enumerate(sorted(contents.items()))
        if number % 2
    }
    days = ["2023-07-20T12:00:00Z", "2023-07-21T12:00:00Z"]
    stages = []
    for day, now in enumerate(days, start=1):
        with _environment(folder, now):
            if day == 1:
                sec_archive.write_rates(folder / "working.duckdb", now)
                sec_archive.write_bulk(folder / "working.duckdb", {"2023q2": half}, now)
            else:
                filings = sec_archive.payloads(contents)
                sec_archive.write_edgar(folder / "working.duckdb", filings, now, date(2023, 5, 31))
            stages.append(_stage(folder, day, arguments))
    return stages


def spark_builds(
    folder: Path,
    stages: Sequence[Stage],
    arguments: Sequence[str],
    master: str = "local[2]",
    settings: dict[str, str] | None = None,
    watch: Callable[[str], None] | None = None,
) -> list[Path]:
    """Builds the archives of the stages one after another in one process; the folders with the marts of each.

    Args:
        folder: for the warehouse and what is kept of each build.
        stages: what to build; the second goes on where the first ended.
        arguments: of ``dbt build``.
        master: Spark's.
        settings: more of the environment.
        watch: called with each line that dbt writes.
    """
    kept = [folder / f"day_{day}" for day, _ in enumerate(stages, start=1)]
    plan = {
        "builds": [[str(stage.archive), str(place)] for stage, place in zip(stages, kept, strict=True)],
        "arguments": ["build", *arguments, "--no-use-colors", "--target-path", str(folder / "target")],
    }
    environment = os.environ | project.spark_settings(folder, master) | (settings or {})
    environment |= {"SPARK_CONF_DIR": str(CONFIGURATION), "PYTHONPATH": str(project.PROJECT)}
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).parent / "builds.py"), json.dumps(plan)],
        cwd=project.PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        lines = []
        for line in process.stdout or []:
            lines.append(line)
            if watch:
                watch(line)
    # What Spark says of its own end comes long before dbt's last words.
    errors = [line for line in lines if " ERROR " in line or "Caused by" in line or "rror in model" in line]
    assert process.returncode == 0, "".join([*errors[:30], "...\n", *lines[-30:]])
    return kept


class KilledOnce:
    """Kills a worker of a cluster in the middle of a model, and tells what the build did after that."""

    def __init__(self, started: Cluster, model: str) -> None:
        self.finished_after: list[str] = []
        """What dbt wrote of each model that ended after the worker was killed, until that build ended."""
        self.had_executor = False
        self._cluster, self._model = started, model
        self._timer: threading.Timer | None = None
        self._is_killed = threading.Event()
        self._has_ended = False

    def __call__(self, line: str) -> None:
        if self._is_killed.is_set() and not self._has_ended and " OK " in line:
            self.finished_after.append(line)
        self._has_ended |= bool(self.finished_after) and "Finished running" in line
        if not self._timer and f"START sql table model {self._model} " in line:
            # In the middle of it rather than before its first task.
            self._timer = threading.Timer(0.5, self._kill)
            self._timer.start()

    def _kill(self) -> None:
        self.had_executor = any((self._cluster.folder / "worker_1").glob("app-*/*/stderr"))
        self._cluster.kill(self._cluster.workers[0])
        self._is_killed.set()
