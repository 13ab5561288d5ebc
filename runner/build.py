"""Runs dbt in this process: its imports cost more than a small build."""

import gc
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult

from runner.publish import SCHEMA
from runner.settings import PROJECT, RunError

# Unit tests test the code, not the data; a test runs only where all that it reads was built.
DATA_TESTS = ("--exclude-resource-type", "unit_test", "--indirect-selection", "cautious")


def dbt(
    working: Path, *arguments: str, variables: Mapping[str, Any] | None = None, target: str = "duckdb"
) -> dbtRunnerResult:
    """Invokes a dbt command on the working database, and lets go of the file afterwards.

    ``target`` ``spark`` works in the warehouse that the environment names (profiles.yml) instead.

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
        result = dbtRunner().invoke(command)
    finally:
        DuckDBConnectionManager.close_all_connections()
        gc.enable()
    if isinstance(result.exception, KeyboardInterrupt):
        raise result.exception
    return result


class Built(NamedTuple):
    """What a build made."""

    marts: list[str]
    """The names of its marts."""
    warnings: list[str]
    """What the data tests on the world found, one line each, in the order of their names."""


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
    result = dbt(working, "--quiet", *arguments, variables=variables, target=target)
    if result.exception:
        raise RunError(f"dbt could not run: {result.exception}")
    outcomes = [(item.node.name, str(item.status), item.failures) for item in result.result]
    failed = sorted(name for name, status, _ in outcomes if status in ("error", "fail", "runtime error"))
    if failed:
        raise RunError(
            f"{len(failed)} of {len(outcomes)} models and tests failed ({', '.join(failed[:5])}), so nothing was published;"
            " the published database is as it was. See the messages above, and logs/dbt.log for the whole account."
        )
    return Built(
        marts=[
            item.node.name
            for item in result.result
            if item.node.resource_type == "model" and item.node.schema == SCHEMA
        ],
        warnings=[f"{name}: {failures:,}" for name, status, failures in sorted(outcomes) if status == "warn"],
    )
