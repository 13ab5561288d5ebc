"""Publishes the marts of a tested build: one new file, put in the place of the old one in one step."""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from runner.settings import RunError

SCHEMA = "marts"


def publish(working: Path, published: Path, marts: Collection[str]) -> dict[str, int]:
    """Copies the marts of ``working`` into a new file beside ``published`` and renames it over that.

    Whoever has the old file open goes on reading it; whoever opens the path later sees the new one, whole.

    Args:
        working: a DuckDB file, or the folder of a warehouse in which Spark has built.
        published: the file to replace.
        marts: what was built: a table of that schema which the project no longer makes is left behind.

    Returns:
        The row count of each mart.

    Raises:
        RunError: a mart is missing, or a file cannot be read or written.
    """
    published.parent.mkdir(parents=True, exist_ok=True)
    new_file = published.with_name(f".{published.name}.{os.getpid()}.new")
    new_file.unlink(missing_ok=True)
    try:
        with _attached(new_file) as connection:
            row_counts = _copy_marts(connection, working, sorted(marts))
        new_file.replace(published)
    except duckdb.Error as error:
        raise RunError(f"{working} could not be published to {published}: {error}") from error
    finally:
        new_file.unlink(missing_ok=True)
    return row_counts


@contextmanager
def open_published(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A published database, open for reading."""
    with _attached(path, "(read_only)") as connection:
        yield connection


@contextmanager
def _attached(path: Path, options: str = "") -> Iterator[duckdb.DuckDBPyConnection]:
    # DuckDB names a database after its file: one called marts.duckdb would make the schema ambiguous.
    with duckdb.connect() as connection:
        connection.execute(f"attach {quoted(path)} as published {options}")
        connection.execute("use published")
        yield connection


def quoted(path: Path) -> str:
    """A path as SQL text."""
    return "'" + str(path).replace("'", "''") + "'"


def _copy_marts(
    connection: duckdb.DuckDBPyConnection, working: Path, marts: Collection[str]
) -> dict[str, int]:
    is_warehouse = working.is_dir()
    if not is_warehouse:
        connection.execute(f"attach {quoted(working)} as working (read_only)")
    connection.execute(f"create schema {SCHEMA}")
    row_counts = {}
    for mart in marts:
        files = working / f"{SCHEMA}.db" / mart / "*.parquet"
        relation = f"read_parquet({quoted(files)})" if is_warehouse else f"working.{SCHEMA}.{mart}"
        # Sorted, so that the same marts make the same file.
        connection.execute(f"create table {SCHEMA}.{mart} as select * from {relation} order by all")
        (row_counts[mart],) = connection.execute(f"select count(*) from {SCHEMA}.{mart}").fetchone()
    if not is_warehouse:
        connection.execute("detach working")
    return row_counts
