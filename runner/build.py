"""Runs dbt in this process: its imports cost more than a small build."""

import gc
import json
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest
from tqdm import tqdm

from loader import progress
from runner.publish import SCHEMA
from runner.settings import PROJECT, RunError

# Unit tests test the code, not the data; a test runs only where all that it reads was built.
DATA_TESTS = ("--exclude-resource-type", "unit_test", "--indirect-selection", "cautious")

_BAR = (
    "{desc}: {percentage:3.0f}%|{bar}| {n_fmt} of {total_fmt} models and tests, {elapsed}, {remaining} left"
)


def dbt(
    working: Path,
    *arguments: str,
    variables: Mapping[str, Any] | None = None,
    target: str = "duckdb",
    listen: Callable[[Any], None] | None = None,
    manifest: Manifest | None = None,
) -> dbtRunnerResult:
    """Invokes a dbt command on the working database, and lets go of the file afterwards.

    ``target`` ``spark`` works in the warehouse that the environment names (profiles.yml) instead. ``listen`` gets dbt's events.
    A ``manifest`` saves dbt the parsing; dbt changes it.

    Raises:
        KeyboardInterrupt: dbt was interrupted; it gives that as a result like any other.
    """
    os.environ["INSIDER_FILINGS_DB"] = str(working)
    # Spark would write every step to the console.
    os.environ.setdefault("SPARK_CONF_DIR", str(PROJECT / "runner" / "spark"))
    command = [*arguments, "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target", target]
    if variables:
        command += ["--vars", json.dumps(dict(variables))]
    # dbt keeps what it makes until it ends: looking through that again and again took an eighth of its time.
    gc.disable()
    try:
        result = dbtRunner(manifest, [listen] if listen else None).invoke(command)
    finally:
        DuckDBConnectionManager.close_all_connections()
        gc.enable()
    if isinstance(result.exception, KeyboardInterrupt):
        raise result.exception
    return result


class Warned(NamedTuple):
    """What a data test on the world found; the words are those of its ``meta`` (tests/world)."""

    test: str
    count: int
    says: str
    look_at: str
    then: str

    def __str__(self) -> str:
        """One line for the analyst."""
        return f"{self.count:,} {self.says}: {SCHEMA}.{self.look_at} ({self.then})"


class Built(NamedTuple):
    """What a build made."""

    marts: list[str]
    """The names of its marts."""
    nodes: int
    """How many models, seeds and tests it ran."""
    warnings: list[Warned]
    """What the data tests on the world found, in the order of their names."""


def build(
    working: Path, variables: Mapping[str, Any] | None = None, full: bool = False, target: str = "duckdb"
) -> Built:
    """Builds and tests everything but the event study on what has been loaded; with ``full`` the unit tests too (selectors.yml).

    Raises:
        RunError: a model or a test failed; nothing may be published.
    """
    selector = "full" if full else "daily"
    return checked(working, "build", "--selector", selector, variables=variables, target=target)


def checked(
    working: Path, *arguments: str, variables: Mapping[str, Any] | None = None, target: str = "duckdb"
) -> Built:
    """Invokes a dbt command that builds or tests.

    Raises:
        RunError: a model or a test failed; nothing may be published.
    """
    # To a terminal alone, as the bar of a load.
    with tqdm(desc="building", bar_format=_BAR, disable=progress.without_bar(), leave=False) as bar:
        listen = None if bar.disable else _Progress(bar)
        result = dbt(working, "--quiet", *arguments, variables=variables, target=target, listen=listen)
    if result.exception:
        raise RunError(f"dbt could not run: {result.exception}")
    failed = sorted(
        item.node.name for item in result.result if str(item.status) in ("error", "fail", "runtime error")
    )
    if failed:
        raise RunError(
            f"{len(failed)} of {len(result.result)} models and tests failed ({', '.join(failed[:5])}), so nothing was published;"
            " the published database is as it was. See the messages above, and logs/dbt.log for the whole account."
        )
    return Built(
        marts=[
            item.node.name
            for item in result.result
            if item.node.resource_type == "model" and item.node.schema == SCHEMA
        ],
        nodes=sum(item.node.resource_type != "operation" for item in result.result),
        warnings=sorted(
            Warned(
                item.node.name,
                item.failures,
                **{key: item.node.meta[key] for key in ("says", "look_at", "then")},
            )
            for item in result.result
            if str(item.status) == "warn"
        ),
    )


class _Progress:
    """Moves a bar by the events of dbt, which come from several threads."""

    def __init__(self, bar: tqdm) -> None:
        self._bar = bar
        self._lock = threading.Lock()

    def __call__(self, event: Any) -> None:
        """Take one event."""
        with self._lock:
            if event.info.name == "LogStartLine":
                self._bar.total = event.data.total
            elif event.info.name == "NodeFinished":
                self._bar.update()
