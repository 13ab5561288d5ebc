"""Runs dbt in this process: its imports cost more than a small build."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult

from runner.settings import PROJECT, RunError


def dbt(
    working: Path, *arguments: str, variables: Mapping[str, Any] | None = None, target: str = "duckdb"
) -> dbtRunnerResult:
    """Invokes a dbt command on the working database, and lets go of the file afterwards.

    ``target`` ``spark`` works in the warehouse that the environment names (profiles.yml) instead.
    """
    os.environ["INSIDER_FILINGS_DB"] = str(working)
    # Spark would write every step to the console.
    os.environ.setdefault("SPARK_CONF_DIR", str(PROJECT / "runner" / "spark"))
    command = [*arguments, "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target", target]
    if variables:
        command += ["--vars", json.dumps(dict(variables))]
    try:
        return dbtRunner().invoke(command)
    finally:
        DuckDBConnectionManager.close_all_connections()


def build(working: Path, variables: Mapping[str, Any] | None = None) -> list[str]:
    """Builds and tests everything on what has been loaded.

    Returns:
        The warnings, one line each, in the order of their names: what the data tests on the world found.

    Raises:
        RunError: a model or a test failed; nothing may be published.
    """
    result = dbt(working, "--quiet", "build", variables=variables)
    if result.exception:
        raise RunError(f"dbt could not run: {result.exception}")
    outcomes = [(item.node.name, str(item.status), item.failures) for item in result.result]
    failed = sorted(name for name, status, _ in outcomes if status in ("error", "fail", "runtime error"))
    if failed:
        raise RunError(
            f"{len(failed)} of {len(outcomes)} models and tests failed ({', '.join(failed[:5])}), so nothing was published;"
            " the published database is as it was. See the messages above, and logs/dbt.log for the whole account."
        )
    return [f"{name}: {failures:,}" for name, status, failures in sorted(outcomes) if status == "warn"]
