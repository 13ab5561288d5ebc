"""Runs dbt in this process: its imports cost more than a small build."""

import gc
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult

from runner.publish import SCHEMA
from runner.settings import PROJECT, RunError

# What no archive changes, as dbt selects it.
SETTLED = ("path:seeds", "path:models/intermediate/calendars")


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
    """Builds and tests everything on what has been loaded, without the unit tests: these test the code.

    Seeds and calendars, and the tests of them alone, are left out where they have passed before and nothing that
    makes or tests them has changed since; ``full`` leaves nothing out, nor does a build on Spark.

    Raises:
        RunError: a model or a test failed; nothing may be published.
    """
    fingerprint = _settled_fingerprint(variables)
    settled = target == "duckdb" and not full and _settled(working) == fingerprint
    selection = ["--exclude-resource-type", "unit_test", "--indirect-selection", "cautious"]
    selection += ["--exclude", *SETTLED] if settled else []
    result = dbt(working, "--quiet", "build", *selection, variables=variables, target=target)
    if result.exception:
        raise RunError(f"dbt could not run: {result.exception}")
    outcomes = [(item.node.name, str(item.status), item.failures) for item in result.result]
    failed = sorted(name for name, status, _ in outcomes if status in ("error", "fail", "runtime error"))
    if failed:
        raise RunError(
            f"{len(failed)} of {len(outcomes)} models and tests failed ({', '.join(failed[:5])}), so nothing was published;"
            " the published database is as it was. See the messages above, and logs/dbt.log for the whole account."
        )
    if target == "duckdb" and not settled:
        _settle(working, fingerprint)
    return Built(
        marts=[
            item.node.name
            for item in result.result
            if item.node.resource_type == "model" and item.node.schema == SCHEMA
        ],
        warnings=[f"{name}: {failures:,}" for name, status, failures in sorted(outcomes) if status == "warn"],
    )


def _settled_fingerprint(variables: Mapping[str, Any] | None) -> str:
    """A hash of all that makes and tests the seeds and the calendars."""
    files = [PROJECT / "dbt_project.yml"]
    for folder in ("seeds", "macros", "tests", "models/intermediate/calendars"):
        files += (
            path for path in sorted((PROJECT / folder).rglob("*")) if path.suffix in (".csv", ".sql", ".yml")
        )
    settings = {**(variables or {}), "as_of_date": None, "duckdb": duckdb.__version__}
    content = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for path in files:
        content.update(f"{path.relative_to(PROJECT)} {path.stat().st_size} ".encode() + path.read_bytes())
    return content.hexdigest()


def _settled(working: Path) -> str | None:
    """The fingerprint with which seeds and calendars last passed; none if they have been built again since."""
    with duckdb.connect(str(working)) as connection:
        try:
            return connection.execute("select fingerprint from main.settled").fetchone()[0]
        except duckdb.CatalogException:
            return None


def _settle(working: Path, fingerprint: str) -> None:
    with duckdb.connect(str(working)) as connection:
        connection.execute("create or replace table main.settled as select ? as fingerprint", [fingerprint])
