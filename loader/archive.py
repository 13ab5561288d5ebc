"""The raw archive: append-only observations, rejects and windows of a source, written by dlt as Arrow.

A window is one load package: its rows count once ``_dlt_loads`` lists their ``_dlt_load_id`` with status 0.
A killed process may leave rows of a package twice, or of one that never finished: readers take committed
packages only, and of the rows with one (walk_id, page_number, position) only one.
"""

import hashlib
import os
import re
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import dlt
import duckdb
import pyarrow as pa
from dlt.destinations.exceptions import DatabaseUndefinedRelation
from dlt.destinations.sql_client import SqlClientBase
from dlt.pipeline.exceptions import PipelineStepFailed

from loader import clock
from loader.config import PROJECT_ROOT, prepare_environment
from loader.errors import ArchiveError, LoadError
from loader.windows import Window

NamedTable = tuple[str, pa.Table]

# Columns may be null only where a feed may leave them open: dlt derives its own hints from this.
_TIME = pa.timestamp("us", tz="UTC")
_WALK = {"source": pa.string(), "feed": pa.string(), "walk_id": pa.string()}
_WALK |= {"window_start": pa.date32(), "window_end": pa.date32()}
_CONTENT = {"content_hash": pa.string(), "payload": pa.string()}
_CONTENT |= {"page_number": pa.int64(), "position": pa.int64(), "observed_at": _TIME}
_COUNTS = ("pages_requested", "reported_records", "reported_pages")
_COUNTS += ("received_records", "distinct_records", "rejected_records")
_NULLABLE = {"reported_records", "reported_pages", "second_walk", "field_paths"}


def _schema(columns: dict[str, pa.DataType]) -> pa.Schema:
    return pa.schema([pa.field(name, type_, name in _NULLABLE) for name, type_ in columns.items()])


SCHEMAS = {
    "observations": _schema(_WALK | {"record_id": pa.string()} | _CONTENT),
    "rejects": _schema(_WALK | {"reason": pa.string()} | _CONTENT),
    "windows": _schema(
        _WALK
        | {"is_closed": pa.bool_(), "started_at": _TIME, "finished_at": _TIME}
        | dict.fromkeys(_COUNTS, pa.int64())
        | {"second_walk": pa.string(), "field_paths": pa.string()}
    ),
}


class Record(NamedTuple):
    """A record's JSON text as received, and its id; without an id it is set aside for ``reason``."""

    payload: str
    record_id: str | None
    reason: str | None = None

    @property
    def content_hash(self) -> str:
        """SHA-256 of the payload, in hex."""
        return hashlib.sha256(self.payload.encode()).hexdigest()


@dataclass
class Walk:
    """One walk over a window: counts what the feed declared and sent, and makes the archive's rows."""

    source: str
    feed: str
    window: Window
    field_paths: str | None = None
    walk_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    started_at: datetime = field(default_factory=clock.now)
    pages_requested: int = 0
    pages_with_records: int = 0
    reported_records: int | None = None
    reported_pages: int | None = None
    received_records: int = 0
    rejected_records: int = 0
    second_walk: str | None = None
    contents: Counter[tuple[str | None, str]] = field(default_factory=Counter)
    """How often each (record id, content hash) was received."""

    @property
    def distinct_records(self) -> int:
        """Number of different record ids."""
        return len({record_id for record_id, _ in self.contents} - {None})

    @property
    def has_repeats(self) -> bool:
        """Whether a record id came more than once."""
        return self.distinct_records + self.rejected_records < self.received_records

    def count_page(self, records: list[Record]) -> list[str]:
        """Count the records of the next page and give their content hashes."""
        self.pages_requested += 1
        self.pages_with_records += bool(records)
        self.received_records += len(records)
        self.rejected_records += sum(record.record_id is None for record in records)
        hashes = [record.content_hash for record in records]
        self.contents.update(zip([record.record_id for record in records], hashes, strict=True))
        return hashes

    def add_page(self, records: list[Record]) -> list[NamedTable]:
        """Count the records of the next page and give their rows."""
        hashes = self.count_page(records)
        page = self._key() | {"page_number": self.pages_requested, "observed_at": clock.now()}
        rows: dict[str, list[tuple[Any, ...]]] = {"observations": [], "rejects": []}
        for position, (content_hash, record) in enumerate(zip(hashes, records, strict=True), start=1):
            name = "rejects" if record.record_id is None else "observations"
            rows[name].append((position, content_hash, *record))
        return [(name, _page_table(name, page, of_table)) for name, of_table in rows.items()]

    def finish(self) -> NamedTable:
        """Give the row of ``windows``, after all pages."""
        row = self._key() | {"is_closed": self.window.is_closed, "finished_at": clock.now()}
        row |= {name: getattr(self, name) for name in SCHEMAS["windows"].names if name not in row}
        return "windows", pa.Table.from_pylist([row], schema=SCHEMAS["windows"])

    def _key(self) -> dict[str, Any]:
        key = {"source": self.source, "feed": self.feed, "walk_id": self.walk_id}
        return key | {"window_start": self.window.start, "window_end": self.window.end}


def _page_table(name: str, page: dict[str, Any], rows: list[tuple[Any, ...]]) -> pa.Table:
    """The rows of a page, each (position, content hash, *record), with what they have in common in ``page``."""
    columns = dict(zip(("position", "content_hash", *Record._fields), zip(*rows, strict=True), strict=False))
    return pa.table(
        [
            pa.array(columns.get(field.name, ()), field.type)
            if field.name not in page
            else pa.repeat(pa.scalar(page[field.name], field.type), len(rows))
            for field in SCHEMAS[name]
        ],
        schema=SCHEMAS[name],
    )


class FinishedWalk(NamedTuple):
    """A walk that is archived."""

    walk_id: str
    is_closed: bool
    received_records: int


class Archive:
    """The raw archive of one source, open for writing."""

    def __init__(self, pipeline: dlt.Pipeline) -> None:
        """Load the packages that a killed run left behind: until then dlt extracts nothing new."""
        while pipeline.has_pending_data:
            _run(pipeline)
        # Nothing else in the working folder outlives a run: unfinished extracts, schemas of another database.
        self._pipeline = pipeline.drop()

    def append(self, tables: Iterable[NamedTable]) -> list[dict[str, Any]]:
        """Archive walks in one load package, or nothing of them where ``tables`` raises.

        Returns:
            the rows of ``windows`` among ``tables``; without tables no package is written.

        Raises:
            ArchiveError: the package could not be written.
        """
        # Empty tables first, so that every archive has all three.
        parts = {name: [schema.empty_table()] for name, schema in SCHEMAS.items()}
        for name, table in tables:
            parts[name].append(table)
        if all(len(of_name) == 1 for of_name in parts.values()):
            return []
        # One item each: dlt takes as long for a page as for all of them.
        package = {name: pa.concat_tables(of_name) for name, of_name in parts.items()}
        items = [dlt.mark.with_table_name(table, name) for name, table in package.items()]
        walk = dlt.resource(items, name="walk", write_disposition="append", max_table_nesting=0)
        _run(self._pipeline, walk, loader_file_format="parquet")
        return package["windows"].to_pylist()

    def windows(self) -> list[Window]:
        """All windows that are archived."""
        return [Window(*row) for row in self._committed("window_start, window_end, is_closed", "windows")]

    def content_hashes(self) -> set[str]:
        """The content hashes of all observations that are archived."""
        return {content_hash for (content_hash,) in self._committed("content_hash", "observations")}

    def last_walks(self) -> dict[tuple[date, date], FinishedWalk]:
        """The last walks, by first and last day of their windows."""
        # By the ids of their loads, which follow each other even where the clock is set.
        columns = ("_dlt_load_id", "window_start", "window_end", *FinishedWalk._fields)
        walks = sorted(self._committed(", ".join(columns), "windows"))
        return {(start, end): FinishedWalk(*walk) for _, start, end, *walk in walks}

    def contents(self, walk: FinishedWalk) -> set[tuple[str | None, str]]:
        """Record id (None: set aside) and content hash of all that a walk archived."""
        of_walk = f"walk_id = '{walk.walk_id}'"
        observed = self._committed("record_id, content_hash", "observations", of_walk)
        return {*observed, *self._committed("null, content_hash", "rejects", of_walk)}

    def payloads(self, walk: FinishedWalk) -> dict[str, str]:
        """The payloads of a walk's observations, by record id."""
        return dict(self._committed("record_id, payload", "observations", f"walk_id = '{walk.walk_id}'"))

    @cached_property
    def _client(self) -> SqlClientBase[Any]:
        # To make one costs more than most queries.
        return self._pipeline.sql_client()

    def _committed(self, columns: str, table: str, condition: str = "true") -> list[tuple[Any, ...]]:
        query = f"select distinct {columns} from {table} where {condition}"
        query += " and _dlt_load_id in (select load_id from _dlt_loads where status = 0)"
        with self._client as client:
            try:
                return list(client.execute_sql(query))
            except DatabaseUndefinedRelation:
                return []


@contextmanager
def open_archive(source: str) -> Iterator[Archive]:
    """Open the raw archive of ``source``: dataset ``raw_<source>``.

    Raises:
        ArchiveError: the database is in use or cannot be opened, or what a killed run left cannot be loaded.
    """
    prepare_environment()
    with _destination() as (destination, location):
        # Each database has a working folder: a package that waits for one is never loaded into another.
        folder = Path(
            os.environ["DLT_DATA_DIR"], "pipelines", hashlib.sha256(location.encode()).hexdigest()[:12]
        )
        name = f"raw_{source}"
        try:
            pipeline = dlt.pipeline(name, str(folder), destination=destination, dataset_name=name)
        except OSError as error:
            raise ArchiveError(f"the folder DLT_DATA_DIR cannot be written: {error}") from None
        try:
            yield Archive(pipeline)
        finally:
            pipeline.deactivate()


@contextmanager
def _destination() -> Iterator[tuple[Any, str]]:
    """The dlt destination of all archives, and the text of where it is."""
    path = Path(os.environ.get("INSIDER_FILINGS_DB") or PROJECT_ROOT / "insider_filings.duckdb").resolve()
    try:
        connection = duckdb.connect(path)
    except duckdb.Error as error:
        message = str(error).splitlines()[0]
        if "Could not set lock" in message:
            holder = re.search(r" \(PID \d+\)", message)
            message = f"another process{holder[0] if holder else ''} uses it: wait until that has ended"
        raise ArchiveError(f"the database {path.name} cannot be opened: {message}") from None
    # One connection for the whole run: it holds the lock of the file, which refuses a second writer at once.
    with connection:
        connection.execute("set TimeZone = 'UTC'")
        yield dlt.destinations.duckdb(connection), str(path)


def _run(pipeline: dlt.Pipeline, *arguments: Any, **options: Any) -> None:
    try:
        pipeline.run(*arguments, **options)
    except PipelineStepFailed as failure:
        error = _reason(failure)
    else:
        return
    raise error


def _reason(failure: PipelineStepFailed) -> BaseException:
    """Give an error of ours or an interruption as it is, one of the database or the disk as a message, any
    other (a fault of the program) with its traceback."""
    cause: BaseException = failure
    while cause.__cause__ or cause.__context__:
        cause = cause.__cause__ or cause.__context__
        if isinstance(cause, LoadError | KeyboardInterrupt):
            return cause
    if failure.step == "extract" and not isinstance(cause, OSError):
        return failure
    return ArchiveError(
        f"the archive could not be written (dlt's step {failure.step}): {str(cause).splitlines()[0]}. "
        "Run again; if it stays, remove the folder DLT_DATA_DIR: what waits in it is then loaded anew"
    )
