"""Where all raw archives are: in a DuckDB file, or as Parquet files in a folder or an object store."""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import dlt
import duckdb
from dlt.common.configuration.resolve import resolve_configuration
from dlt.common.storages import FilesystemConfiguration, fsspec_from_config

from loader.config import PROJECT
from loader.errors import ArchiveError, SettingsError

_LOAD_OF_FILE = re.compile(r"([^/]+)\.[^./]+\.parquet$")
# One file for each load and table: readers take the files of committed loads by their names (macros/archive/files.sql).
_LAYOUT = "{table_name}/{load_id}.{file_id}.{ext}"
# What the engines take for a pattern, a separator or the end of a text: dbt would find an empty archive there.
_NOT_IN_URL = re.compile(r"^~|[*?\[{\\']")


class Store(Protocol):
    """A place of archives, open for writing by this process alone."""

    destination: Any
    """What dlt writes to."""
    location: str
    """The text that tells one place from another."""

    connection: duckdb.DuckDBPyConnection
    """What reads from it."""

    def committed(self, dataset: str, table: str) -> str | None:
        """SQL of a relation: the rows of committed loads; none where the table does not exist."""

    def datasets(self) -> list[str]:
        """The names of the archives."""


class DatabaseStore:
    """The archives in a DuckDB file."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        self.destination = dlt.destinations.duckdb(connection)
        self.location = str(path)
        self.connection = connection

    def committed(self, dataset: str, table: str) -> str | None:
        """See `Store`."""
        named = "select 1 from duckdb_tables() where schema_name = ? and table_name = ?"
        if not self.connection.execute(named, [dataset, table]).fetchall():
            return None
        loads = f"select load_id from {dataset}._dlt_loads where status = 0"
        return f"(select * from {dataset}.{table} where _dlt_load_id in ({loads}))"

    def datasets(self) -> list[str]:
        """See `Store`."""
        named = "select schema_name from duckdb_tables() where schema_name like 'raw_%' and table_name = 'windows' order by all"
        return [name for (name,) in self.connection.execute(named).fetchall()]


class FolderStore:
    """The archives as files: for each one folder, in it one for each table, in it the Parquet files of each load.

    A file counts once dlt has written the mark of its load: a killed process may leave files half written.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, url: str) -> None:
        self.destination = dlt.destinations.filesystem(url, layout=_LAYOUT)
        self.location = url
        configuration = resolve_configuration(
            FilesystemConfiguration(url), sections=("destination", "filesystem")
        )
        self._files, self._root = fsspec_from_config(configuration)
        self._is_local = configuration.is_local_filesystem
        if self._is_local:
            # Where dlt writes: fsspec would look below the address as it is written, with its %20.
            self._root = FilesystemConfiguration.make_local_path(url)
        self.connection = connection
        if not self._is_local:
            connection.register_filesystem(self._files)

    def committed(self, dataset: str, table: str) -> str | None:
        """See `Store`."""
        marks = self._paths(dataset, "_dlt_loads", "jsonl")
        if not marks:
            return None
        loads = {
            load_id
            for (load_id,) in self.connection.execute(
                "select load_id from read_json(?, columns = {load_id: 'varchar', status: 'bigint'},"
                " format = 'newline_delimited', ignore_errors = true) where status = 0",
                [marks],
            ).fetchall()
        }
        paths = [
            path
            for path in self._paths(dataset, table, "parquet")
            if (match := _LOAD_OF_FILE.search(path)) and match[1] in loads
        ]
        if not paths:
            return None
        return f"read_parquet([{', '.join(sql_text(path) for path in paths)}], union_by_name = true)"

    def datasets(self) -> list[str]:
        """See `Store`."""
        return sorted(
            Path(folder).parent.name for folder in self._files.glob(f"{self._root.rstrip('/')}/raw_*/windows")
        )

    def _paths(self, dataset: str, table: str, extension: str) -> list[str]:
        # Another process may have written since.
        self._files.invalidate_cache()
        paths = sorted(self._files.glob(f"{self._root.rstrip('/')}/{dataset}/{table}/*.{extension}"))
        return paths if self._is_local else [self._files.unstrip_protocol(path) for path in paths]


@contextmanager
def open_store() -> Iterator[Store]:
    """Open the place that INSIDER_ARCHIVE_URL names, else the DuckDB file INSIDER_FILINGS_DB.

    Raises:
        ArchiveError: it is in use or cannot be opened.
        SettingsError: dbt would not find it, or no such limit can be set.
    """
    url = os.environ.get("INSIDER_ARCHIVE_URL")
    if not url:
        path = Path(os.environ.get("INSIDER_FILINGS_DB") or PROJECT / "insider_filings.duckdb").resolve()
        with _locked(path) as connection:
            yield DatabaseStore(connection, path)
        return
    if found := _NOT_IN_URL.search(url):
        raise SettingsError(
            f"INSIDER_ARCHIVE_URL has {found[0]}, which dbt's engines do not take as it is: name another folder: {url}"
        )
    if url.startswith("file:") and FilesystemConfiguration.make_local_path(url) != url[7:].rstrip("/"):
        raise SettingsError(f"INSIDER_ARCHIVE_URL: name the folder by its path, without file://: {url}")
    if "://" not in url:
        url = Path(url).resolve().as_uri()
    # An empty database holds the lock that a folder has not.
    folder = Path(os.environ["DLT_DATA_DIR"], "folders")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArchiveError(f"the folder DLT_DATA_DIR cannot be written: {error}") from None
    with _locked(folder / f"{hashlib.sha256(url.encode()).hexdigest()[:12]}.duckdb") as connection:
        yield FolderStore(connection, url)


@contextmanager
def _locked(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        # Its newest compression writes for less: the file is read by this project's own version alone.
        connection = duckdb.connect(path, config={"storage_compatibility_version": "latest"})
    except duckdb.Error as error:
        message = str(error).splitlines()[0]
        if "Could not set lock" in message:
            holder = re.search(r" \(PID \d+\)", message)
            message = f"another process{holder[0] if holder else ''} uses it: wait until that has ended"
        raise ArchiveError(f"the database {path.name} cannot be opened: {message}") from None
    # One connection for the whole run: it holds the lock of the file, which refuses a second writer at once.
    with connection:
        connection.execute("set TimeZone = 'UTC'")
        # Without it DuckDB keeps what it writes in memory, up to most of the machine's.
        if limit := os.environ.get("INSIDER_MEMORY_LIMIT"):
            try:
                connection.execute(f"set memory_limit = {sql_text(limit)}")
            except duckdb.Error:
                raise SettingsError(f"INSIDER_MEMORY_LIMIT is no size such as 4GB: {limit!r}") from None
        yield connection


def sql_text(value: str) -> str:
    """A text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"
