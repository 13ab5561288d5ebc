"""The dbt project as tests use it: built in this process, on a DuckDB file of the test's own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from dbt.cli.main import dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest
from dbt.parser.manifest import extended_mashumaro_encoder, extended_mashumuro_decoder

from runner.build import dbt
from runner.settings import PROJECT

SHARED = PROJECT.parent / "shared"
# What no archive changes; every database of a test is a copy of one that has it (`seed`).
UNCHANGING = ("resource_type:seed", "path:models/intermediate/calendars")
# What dbt writes of a test's build nobody reads, and writing it takes a third of a small build; the result has every message.
SILENT = ("--log-level", "none", "--log-level-file", "none", "--no-write-json")
PARSED = "insider_filings"
EVENT_STUDY = ("path:models/intermediate/event_study", "path:models/marts/event_study")


def seed(database: Path) -> Path:
    """Builds what no archive changes."""
    result = _invoke(
        database, "build", "--select", *UNCHANGING, "--resource-type", "seed", "--resource-type", "model"
    )
    assert result.success, result.exception
    return database


def run_models(
    database: Path,
    variables: Mapping[str, Any] | None = None,
    event_study: bool = False,
    only: Sequence[str] = (),
) -> None:
    """Builds every model that an archive changes, without the tests; fails with dbt's messages.

    Args:
        database: where the seeds and calendars are.
        variables: dbt's.
        event_study: its models, too.
        only: the relations that the test reads; what they do not need is not built.
    """
    without = UNCHANGING if event_study else UNCHANGING + EVENT_STUDY
    wanted = ("--select", *(f"+{name}" for name in only)) if only else ()
    run(database, *wanted, "--exclude", *without, variables=variables)


def run(database: Path, *arguments: str, variables: Mapping[str, Any] | None = None) -> None:
    """``dbt run`` with these arguments; fails with dbt's messages."""
    result = _invoke(database, "run", *arguments, variables=variables)
    assert result.success, [
        (item.node.name, item.message) for item in result.result or [] if item.message != "OK"
    ]


def build_everything(database: Path, variables: Mapping[str, Any] | None = None) -> dict[str, str]:
    """``dbt build`` without the unit tests, which know no database; the status of every node by its name."""
    result = _invoke(database, "build", "--exclude-resource-type", "unit_test", variables=variables)
    assert result.exception is None, result.exception
    return {item.node.name: str(item.status) for item in result.result}


def run_tests(database: Path, selection: str) -> dbtRunnerResult:
    """``dbt test`` of the tests that dbt selects by this."""
    return _invoke(database, "test", "--select", selection)


def _invoke(database: Path, *arguments: str, variables: Mapping[str, Any] | None = None) -> dbtRunnerResult:
    # dbt changes what it is given.
    manifest = Manifest.from_msgpack(_parsed(), decoder=extended_mashumuro_decoder)
    for node in (*manifest.nodes.values(), *manifest.sources.values()):
        node.database = database.stem
        if node.relation_name:
            node.relation_name = node.relation_name.replace(f'"{PARSED}"', f'"{database.stem}"', 1)
    return dbt(database, *SILENT, *arguments, variables=variables, manifest=manifest)


@cache
def _parsed() -> bytes:
    """dbt's manifest, as dbt keeps one: parsing costs as much as half of a small build.

    It has the name of a database in it. No variable that tests set changes which model refers to which; where one did, dbt would
    stop at the reference that it had not parsed.
    """
    result = dbt(Path(f"{PARSED}.duckdb"), "--quiet", "parse")
    assert result.success, result.exception
    return result.result.to_msgpack(extended_mashumaro_encoder)


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
