"""The dbt project as tests use it: built in this process, on a DuckDB file of the test's own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from runner.build import dbt
from runner.settings import PROJECT

SHARED = PROJECT.parent / "shared"
# What no archive changes; a database made from the empty one has them already.
UNCHANGING = ["resource_type:seed", "path:models/intermediate/calendars"]


def run_models(
    database: Path, variables: Mapping[str, Any] | None = None, exclude: Iterable[str] = UNCHANGING
) -> None:
    """Builds every model that an archive changes, without the tests; fails with dbt's messages."""
    result = dbt(database, "--quiet", "run", "--exclude", *exclude, variables=variables)
    assert result.success, [
        (item.node.name, item.message) for item in result.result or [] if item.message != "OK"
    ]


def build_everything(database: Path, variables: Mapping[str, Any] | None = None) -> dict[str, str]:
    """``dbt build``; the status of every node by its name."""
    result = dbt(database, "--quiet", "build", variables=variables)
    assert result.exception is None, result.exception
    return {item.node.name: str(item.status) for item in result.result}


def spark_settings(folder: Path, master: str = "local[2]") -> dict[str, str]:
    """The environment of the target `spark` for tests: everything in ``folder``, tables known as long as the process lives."""
    return {
        "INSIDER_ARCHIVE_URL": str(folder / "archive"),
        "INSIDER_SPARK_MASTER": master,
        "INSIDER_SPARK_WAREHOUSE": str(folder / "warehouse"),
        "INSIDER_SPARK_CATALOG": "in-memory",
        "INSIDER_SPARK_PARTITIONS": "2",
        "INSIDER_SPARK_MEMORY": "3g",
    }


def rows(database: Path, query: str) -> list[dict[str, Any]]:
    """The rows of a query."""
    with duckdb.connect(str(database), read_only=True) as connection:
        cursor = connection.execute(query)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def marts(database: Path, without: Iterable[str] = ()) -> dict[str, list[tuple]]:
    """Every mart with its sorted rows, to compare two builds."""
    with duckdb.connect(str(database), read_only=True) as connection:
        names = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts' order by 1"
        ).fetchall()
        return {
            name: connection.execute(f"select * from marts.{name} order by all").fetchall()
            for (name,) in names
            if name not in without
        }


@contextmanager
def opened_elsewhere(database: Path) -> Iterator[None]:
    """Another process has the DuckDB file open, for reading and writing."""
    script = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print(1, flush=True); input()"
    command = [sys.executable, "-c", script, str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        yield
        process.communicate("\n")


def copy_of(database: Path, target: Path) -> Path:
    """A copy of a closed DuckDB file."""
    shutil.copyfile(database, target)
    return target
