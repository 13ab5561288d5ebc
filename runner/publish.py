"""Publishes the marts of a tested build: one new file, put in the place of the old one in one step."""

import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from loader.archive.store import sql_text
from runner.readers import create_macros
from runner.settings import RunError

SCHEMA = "marts"
EVENT_STUDY = (
    "signal_returns",
    "insider_track_records",
    "suspect_prices",
    "event_study",
    "event_study_regressions",
    "event_study_ranks",
    "event_study_path",
    "event_study_placebo",
    "event_study_run",
)
"""The marts that `make study` publishes; a daily run keeps them as they are published."""


def publish(
    working: Path, published: Path, marts: Collection[str], kept: Collection[str] = EVENT_STUDY
) -> dict[str, int]:
    """Copies the marts of ``working`` into a new file beside ``published`` and renames it over that.

    Whoever has the old file open goes on reading it; whoever opens the path later sees the new one, whole.

    Args:
        working: a DuckDB file, or the folder of a warehouse in which Spark has built.
        published: the file to replace.
        marts: what was built: a table of that schema which the project no longer makes is left behind.
        kept: those that the new file takes from the old one, where it has them.

    Returns:
        The row count of each mart of ``marts``.

    Raises:
        RunError: a mart is missing, or a file cannot be read or written.
    """
    published.parent.mkdir(parents=True, exist_ok=True)
    new_file = published.with_name(f".{published.name}.{os.getpid()}.new")
    new_file.unlink(missing_ok=True)
    try:
        with _attached(new_file) as connection:
            row_counts = _copy_marts(connection, working, sorted(marts))
            _keep_marts(connection, published, sorted(set(kept) - set(marts)))
            create_macros(connection)
        new_file.replace(published)
    except duckdb.Error as error:
        raise RunError(f"{working} could not be published to {published}: {error}") from error
    finally:
        new_file.unlink(missing_ok=True)
    return row_counts


def published_marts(published: Path) -> set[str]:
    """The names of the marts of a published file; none where there is no file."""
    if not published.exists():
        return set()
    with open_published(published) as connection:
        return mart_names(connection)


def is_published(working: Path, published: Path) -> bool:
    """Whether the published scores, and how complete the filings were, are those of ``working`` (see ``publish``)."""
    marts = ["issuer_scores", "load_completeness"]
    if not published.exists():
        return False
    with open_published(published) as connection:
        relations = _relations(connection, working, marts)
        return all(
            _hash_of(connection, relations[mart]) == _hash_of(connection, f"{SCHEMA}.{mart}")
            for mart in marts
        )


@contextmanager
def open_published(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A published database, open for reading."""
    with _attached(path, "(read_only)") as connection:
        yield connection


def mart_names(connection: duckdb.DuckDBPyConnection, database: str = "published") -> set[str]:
    """The names of the marts of an attached database."""
    found = connection.execute(
        "select table_name from duckdb_tables() where database_name = ? and schema_name = ?",
        [database, SCHEMA],
    )
    return {name for (name,) in found.fetchall()}


def as_of_date(connection: duckdb.DuckDBPyConnection) -> date | None:
    """The day that the published marts describe; None where nothing is loaded."""
    return connection.execute("select max(as_of_date) from marts.load_completeness").fetchone()[0]


def rows_of(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """The rows of a query, by column."""
    found = connection.execute(query, parameters)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def replace_text(path: Path, text: str) -> None:
    """Puts a file with this text in the place of the old one in one step."""
    new_file = path.with_name(f".{path.name}.new")
    new_file.write_text(text, encoding="utf-8")
    new_file.replace(path)


@contextmanager
def _attached(path: Path, options: str = "") -> Iterator[duckdb.DuckDBPyConnection]:
    # DuckDB names a database after its file: one called marts.duckdb would make the schema ambiguous.
    with duckdb.connect() as connection:
        connection.execute(f"attach {quoted(path)} as published {options}")
        connection.execute("use published")
        yield connection


def quoted(path: Path) -> str:
    """A path as SQL text."""
    return sql_text(str(path))


def _copy_marts(
    connection: duckdb.DuckDBPyConnection, working: Path, marts: Collection[str]
) -> dict[str, int]:
    connection.execute(f"create schema {SCHEMA}")
    row_counts = {}
    for mart, relation in _relations(connection, working, marts).items():
        # Sorted, so that the same marts make the same file.
        connection.execute(f"create table {SCHEMA}.{mart} as select * from {relation} order by all")
        (row_counts[mart],) = connection.execute(f"select count(*) from {SCHEMA}.{mart}").fetchone()
    if not working.is_dir():
        _copy_comments(connection, "working", marts)
        connection.execute("detach working")
    return row_counts


def _copy_comments(connection: duckdb.DuckDBPyConnection, database: str, marts: Collection[str]) -> None:
    """Carries the descriptions of tables and columns over from an attached database; Spark's files have none."""
    of_marts = "database_name = $database and schema_name = $schema and comment is not null"
    described = connection.execute(
        f"select 'table', table_name, table_name, comment from duckdb_tables() where {of_marts}"
        f" union all select 'column', table_name, table_name || '.' || column_name, comment from duckdb_columns() where {of_marts}",
        {"database": database, "schema": SCHEMA},
    ).fetchall()
    for kind, mart, name, comment in described:
        if mart in marts:
            connection.execute(f"comment on {kind} {SCHEMA}.{name} is {sql_text(comment)}")


def _relations(
    connection: duckdb.DuckDBPyConnection, working: Path, marts: Collection[str]
) -> dict[str, str]:
    """The SQL of each mart of a DuckDB file, which is attached for it, or of a warehouse."""
    if working.is_dir():
        return {
            mart: f"read_parquet({quoted(working / f'{SCHEMA}.db' / mart / '*.parquet')})" for mart in marts
        }
    connection.execute(f"attach {quoted(working)} as working (read_only)")
    return {mart: f"working.{SCHEMA}.{mart}" for mart in marts}


def _keep_marts(connection: duckdb.DuckDBPyConnection, published: Path, marts: Collection[str]) -> None:
    if not published.exists():
        return
    # Whoever has the old file open for writing keeps others out of it, and yet must not stop a run.
    copy = published.with_name(f".{published.name}.{os.getpid()}.old")
    try:
        try:
            connection.execute(f"attach {quoted(published)} as old (read_only)")
        except duckdb.IOException:
            shutil.copyfile(published, copy)
            connection.execute(f"attach {quoted(copy)} as old (read_only)")
        _copy_kept(connection, marts)
        connection.execute("detach old")
    finally:
        copy.unlink(missing_ok=True)


def _copy_kept(connection: duckdb.DuckDBPyConnection, marts: Collection[str]) -> None:
    there = mart_names(connection, "old")
    for mart in marts:
        if mart in there:
            connection.execute(f"create table {SCHEMA}.{mart} as select * from old.{SCHEMA}.{mart}")
    _copy_comments(connection, "old", set(marts) & there)


def _hash_of(connection: duckdb.DuckDBPyConnection, relation: str) -> tuple | None:
    """Equal for equal rows in whatever order."""
    return connection.execute(f"select count(*), bit_xor(hash(mart)) from {relation} as mart").fetchone()
