"""The raw archive: append-only observations, rejects and windows of a source, written by dlt as Arrow.

A window is one load package: its rows count once ``_dlt_loads`` lists their ``_dlt_load_id`` with status 0.
A killed process may leave rows of a package twice, or of one that never finished: readers take committed
packages only, and of the rows with one (walk_id, page_number, position) only one.
"""

import hashlib
import os
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import dlt
import pyarrow as pa
import pyarrow.compute as pc
from dlt.common.configuration.exceptions import ConfigurationException
from dlt.pipeline.exceptions import PipelineStepFailed

from loader import clock
from loader.archive.counts import RECORDS, Contents, Counts, Page
from loader.archive.store import Store, open_store
from loader.archive.windows import ONE_DAY, Coverage, Window, coverage
from loader.config import prepare_environment, refused_by_dlt
from loader.errors import ArchiveError, LoadError, with_advice

NamedTable = tuple[str, pa.Table]

ITEM_BYTES = 4 * 1024**2

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


@dataclass
class Walk:
    """One walk over a window: makes the archive's rows of the pages that a source yields.

    Attributes:
        distinct: the number of record ids, where the source counts them.
        are_numbered: whether records with one id are rows of their own, which get a number when the walk is over.
    """

    source: str
    feed: str
    window: Window
    field_paths: str | None = None
    distinct: int | None = None
    are_numbered: bool = False
    second_walk: str | None = None
    walk_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    started_at: datetime = field(default_factory=clock.now)
    counts: Counts = field(default_factory=Counts)
    contents: Contents = field(default_factory=Contents)

    @property
    def distinct_records(self) -> int:
        """Number of different records."""
        if self.distinct is not None:
            return self.distinct
        if self.are_numbered:
            return self.counts.received_records - self.counts.rejected_records
        return len({record_id for record_id, _ in self.contents} - {None})

    @property
    def has_repeats(self) -> bool:
        """Whether a record id came more than once, or a row with the same content where these get a number."""
        if self.are_numbered:
            return any(count > 1 for (record_id, _), count in self.contents.items() if record_id is not None)
        return self.distinct_records + self.counts.rejected_records < self.counts.received_records

    def tables(self, pages: Iterable[Page], on_page: Callable[[int], None]) -> Iterator[NamedTable]:
        """Give the rows of ``pages``, and tell ``on_page`` the number of each one's records.

        Raises:
            IncompleteWalkError: they do not come out.
        """
        for page in pages:
            self.counts = self.counts.after(page)
            self.contents.update(page.contents())
            yield from self._rows(page.table())
            on_page(len(page.records))
        self.counts.check(self.window.is_closed)

    def finish(self) -> NamedTable:
        """Give the row of ``windows``, after all pages."""
        row = self._key() | {"is_closed": self.window.is_closed, "finished_at": clock.now()}
        row |= asdict(self.counts)
        row |= {name: getattr(self, name) for name in SCHEMAS["windows"].names if name not in row}
        return "windows", pa.Table.from_pylist([row], schema=SCHEMAS["windows"])

    def _rows(self, records: pa.Table) -> list[NamedTable]:
        page = self._key() | {"page_number": self.counts.pages_requested, "observed_at": clock.now()}
        columns = {name: pa.repeat(pa.scalar(value), records.num_rows) for name, value in page.items()}
        columns |= dict(zip(RECORDS.names, records.columns, strict=True))
        columns["position"] = pa.array(range(1, records.num_rows + 1), pa.int64())
        rows, is_read = pa.table(columns), pc.is_valid(records["record_id"])
        tables = {"observations": rows.filter(is_read), "rejects": rows.filter(pc.invert(is_read))}
        return [
            (name, table.select(SCHEMAS[name].names).cast(SCHEMAS[name])) for name, table in tables.items()
        ]

    def _key(self) -> dict[str, Any]:
        key = {"source": self.source, "feed": self.feed, "walk_id": self.walk_id}
        return key | {"window_start": self.window.start, "window_end": self.window.end}


# A day is over somewhere on earth 14 hours before it is over in UTC; the models read windows so, too (stg_archive__walks).
_WINDOW = "window_start, window_end, is_closed and window_end < cast(started_at + interval 14 hour as date)"
_MADE_AT = {"observations": "observed_at", "rejects": "observed_at", "windows": "started_at"}


def _in_time(table: str) -> str:
    """The condition that a row was made before now, give or take a day: not by a clock that ran ahead."""
    return f"{_MADE_AT[table]} <= timestamptz '{clock.now().isoformat()}' + interval 1 day"


class ArchivedDays(NamedTuple):
    """The first and the last complete day, and whether a clock that ran ahead archived later ones, which do not count."""

    first: date
    last: date
    ran_ahead: bool


class FinishedWalk(NamedTuple):
    """A walk that is archived."""

    walk_id: str
    is_closed: bool
    received_records: int


class Archive:
    """The raw archive of one source, open for writing."""

    def __init__(self, pipeline: dlt.Pipeline, store: Store) -> None:
        """Load the packages that a killed run left behind: until then dlt extracts nothing new."""
        self._store = store
        self._dataset = pipeline.dataset_name
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
        window_rows = pa.concat_tables(parts["windows"]).to_pylist()

        def items() -> Iterator[Any]:
            for name, of_name in parts.items():
                while of_name:
                    # dlt takes as long for a page as for many, and holds a few items at once.
                    size, item = 0, []
                    while of_name and size < ITEM_BYTES:
                        item.append(of_name.pop(0))
                        size += item[-1].nbytes
                    yield dlt.mark.with_table_name(pa.concat_tables(item), name)

        walk = dlt.resource(items(), name="walk", write_disposition="append", max_table_nesting=0)
        _run(self._pipeline, walk, loader_file_format="parquet")
        return window_rows

    def windows(self) -> list[Window]:
        """All windows that are archived, but for those of a clock that ran ahead of today's."""
        return [Window(*row) for row in self._committed(_WINDOW, "windows")]

    def unread_windows(self, is_unread: Callable[[int, str | None], bool]) -> list[Window]:
        """Closed windows of which ``is_unread`` says so, by how many records were set aside and the field paths that read them.

        Those whose days all were walked again later do not count.
        """
        columns = f"_dlt_load_id, {_WINDOW} as is_closed, rejected_records, field_paths"
        walked: set[date] = set()
        found = []
        walks = sorted(self._committed(columns, "windows"), reverse=True)
        for _, of_load in groupby(walks, key=itemgetter(0)):
            walked_later = frozenset(walked)
            for _, start, end, is_closed, rejected, read_by in of_load:
                days = {start + ONE_DAY * number for number in range((end - start).days + 1)}
                walked |= days
                if is_closed and not days <= walked_later and is_unread(rejected, read_by):
                    found.append(Window(start, end, is_closed))
        return sorted(set(found))

    def last_feed(self) -> tuple[str, str | None] | None:
        """Name and field paths of the feed that was archived last; None without any."""
        walks = self._committed("_dlt_load_id, feed, field_paths", "windows")
        return max(walks, key=itemgetter(0))[1:] if walks else None

    def holds_records(self) -> bool:
        """Whether any record with an id is archived."""
        return bool(self._committed("true", "observations"))

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

    def last_contents(self, first_id: str, last_id: str) -> Iterator[pa.Table]:
        """First and last content hash of each record with an id of that range in its last walk, and of all that was set aside.

        The column ``is_read`` tells which of both.
        """
        queries = {
            "observations": """
                select
                    max_by(first_hash, walked_at) as first_content, max_by(last_hash, walked_at) as last_content, true as is_read
                from (
                    select
                        record_id, min(content_hash) as first_hash, max(content_hash) as last_hash,
                        max((observed_at, _dlt_load_id)) as walked_at
                    from {committed}
                    where {in_time} and record_id between $first and $last
                    group by record_id, walk_id
                )
                group by record_id""",
            "rejects": """
                select distinct content_hash as first_content, content_hash as last_content, false as is_read
                from {committed}
                where {in_time}""",
        }
        for table, query in queries.items():
            if committed := self._store.committed(self._dataset, table):
                ids = {"first": first_id, "last": last_id} if table == "observations" else None
                sql = query.format(committed=committed, in_time=_in_time(table))
                for batch in self._store.connection.execute(sql, ids).to_arrow_reader(500_000):
                    yield pa.Table.from_batches([batch])

    def _committed(self, columns: str, table: str, condition: str = "true") -> list[tuple[Any, ...]]:
        if committed := self._store.committed(self._dataset, table):
            query = f"select distinct {columns} from {committed} where {condition} and {_in_time(table)}"
            return self._store.connection.execute(query).fetchall()
        return []


def archived_sources() -> list[str]:
    """The sources that have an archive.

    Raises:
        ArchiveError: the database is in use or cannot be opened.
    """
    prepare_environment()
    with open_store() as store:
        return [dataset.removeprefix("raw_") for dataset in store.datasets()]


class ArchivedSource(NamedTuple):
    """What is archived of a source: its days but those of a clock that ran ahead, whether there are such, and when it was last loaded."""

    covered: Coverage | None
    ran_ahead: bool
    loaded_at: datetime


def archived(sources: Iterable[str]) -> dict[str, ArchivedSource]:
    """What is archived of ``sources``; those without an archive are left out.

    Raises:
        ArchiveError: the database is in use or cannot be opened.
    """
    prepare_environment()
    found = {}
    with open_store() as store:
        for source in sources:
            if committed := store.committed(f"raw_{source}", "windows"):
                query = f"select {_in_time('windows')}, finished_at, {_WINDOW} from {committed}"
                rows = store.connection.execute(query).fetchall()
                covered = coverage(Window(*window) for in_time, _, *window in rows if in_time)
                if rows:
                    ran_ahead = not all(in_time for in_time, *_ in rows)
                    found[source] = ArchivedSource(covered, ran_ahead, max(row[1] for row in rows))
    return found


def archived_days(sources: Iterable[str]) -> ArchivedDays | None:
    """The complete days of the archives of ``sources`` together; None without any.

    Raises:
        ArchiveError: the database is in use or cannot be opened.
    """
    found = archived(sources).values()
    complete = [of.covered for of in found if of.covered and of.covered.complete_through]
    if not complete:
        return None
    first, last = min(of.first for of in complete), max(of.complete_through for of in complete)
    return ArchivedDays(first, last, any(of.ran_ahead for of in found))


@contextmanager
def open_archive(source: str) -> Iterator[Archive]:
    """Open the raw archive of ``source``: dataset ``raw_<source>``.

    Raises:
        ArchiveError: the database is in use or cannot be opened, or what a killed run left cannot be loaded.
    """
    prepare_environment()
    with open_store() as store:
        # Each place has a working folder: a package that waits for one is never loaded into another.
        folder = Path(
            os.environ["DLT_DATA_DIR"], "pipelines", hashlib.sha256(store.location.encode()).hexdigest()[:12]
        )
        name = f"raw_{source}"
        try:
            # A schema that a killed run was writing has a name of its own, which dlt takes for a schema's and refuses.
            for path in (folder / name / "schemas").glob("*"):
                if not path.name.endswith(".schema.json"):
                    path.unlink()
            pipeline = dlt.pipeline(name, str(folder), destination=store.destination, dataset_name=name)
        except OSError as error:
            raise ArchiveError(f"the folder DLT_DATA_DIR cannot be written: {error}") from None
        try:
            yield Archive(pipeline, store)
        finally:
            pipeline.deactivate()


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
        if isinstance(cause, ConfigurationException):
            return refused_by_dlt(cause)
    if failure.step == "extract" and not isinstance(cause, OSError):
        return failure
    return ArchiveError(
        with_advice(
            f"the archive could not be written (dlt's step {failure.step}): {str(cause).splitlines()[0]}",
            "Run again; if it stays, remove the folder DLT_DATA_DIR: what waits in it is then loaded anew",
        )
    )
