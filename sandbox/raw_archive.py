"""Raw archives as the loader leaves them: of given observations, and of any size: ``python -m sandbox.raw_archive DATABASE --lines N``.

An archive of a size is made year by year, in several processes. Each month is fetched once it is over, with the seven
days before it in the same year: there, records are seen again, some of them changed. The loader can go on from it.

`realistic` has several markets and currencies, flat and nested filings, amendments, duplicates, corrections and
gaps; `clean` is the article's plain feed in euros, on which every reading agrees.
"""

import argparse
import hashlib
import json
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Literal
from unittest.mock import patch

import duckdb
import pyarrow as pa

import loader
from loader.archive import windows
from loader.archive.archive import SCHEMAS, open_archive
from sandbox.archive import Archive
from sandbox.generator import FILINGS_PER_ISSUER, MOST_ISSUERS, Generator

Observation = dict[str, Any]
"""A mapping of record_id, payload (JSON text), walk_id, observed_at (aware datetime), page_number and position; also
window_start and window_end, unless the window is 2026 up to two days before."""
Tables = dict[str, pa.Table]

LINES_PER_FILING = 1.6
FILINGS_PER_YEAR = 130_000
END = date(2026, 3, 31)
# Without a rate nothing has a value in euros: the ECB's begin in January 1999.
EARLIEST_START = date(1999, 3, 1)
OVERLAP = timedelta(days=7)
PAGE_SIZE = 500
FEED = "127.0.0.1/filings"
# A fetch brings every record once: what the loader rejects or asks for twice has its own tests.
VOLUME_RATES = {"nested": 0.2} | dict.fromkeys(
    (
        "served_twice",
        "served_in_both_states",
        "missing_id",
        "not_an_object",
        "backfilled",
        "missing_filing_date",
    ),
    0.0,
)

_LOAD_ID = pa.field("_dlt_load_id", pa.string())
_LOADS = pa.schema(
    [
        ("load_id", pa.string()),
        ("schema_name", pa.string()),
        ("status", pa.int64()),
        ("inserted_at", pa.timestamp("us", tz="UTC")),
        ("schema_version_hash", pa.string()),
    ]
)


# ---------------------------------------------------------------- of given observations


def observed_once(records: Iterable[Mapping], observed_at: datetime) -> list[Observation]:
    """The observations of one fetch that serves each record once on a single page."""
    return [
        {
            "record_id": record["id"],
            "payload": json.dumps(record, ensure_ascii=False),
            "walk_id": "walk-1",
            "observed_at": observed_at,
            "page_number": 1,
            "position": position,
        }
        for position, record in enumerate(records, start=1)
    ]


def write_source(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    feed: str,
    loads: Sequence[Sequence[Observation]],
    committed: Sequence[bool],
    field_paths: str | None,
) -> None:
    """Make the raw tables of one source; a load that is not committed has no mark, as if it had been killed.

    Fails where the database has the source's schema already.
    """
    connection.execute(f"create schema raw_{source}")
    schemas = {name: schema.append(_LOAD_ID) for name, schema in SCHEMAS.items()} | {"_dlt_loads": _LOADS}
    for name, schema in schemas.items():
        connection.register("no_rows", schema.empty_table())
        connection.execute(f"create table raw_{source}.{name} as from no_rows")
        connection.unregister("no_rows")
    for number, (load, is_committed) in enumerate(zip(loads, committed, strict=True)):
        tables = tables_of_load(source, feed, f"{1772600000 + number}.5", load, field_paths)
        if not is_committed:
            del tables["_dlt_loads"]
        insert(connection, source, tables)


def tables_of_load(
    source: str,
    feed: str,
    load_id: str,
    load: Sequence[Observation],
    field_paths: str | None,
    version_hash: str = "",
) -> Tables:
    """The rows of one load: its observations in their order, a window for every fetch, and the mark."""
    fetches = defaultdict(list)
    for seen in load:
        fetches[seen["walk_id"]].append(seen)
    starts = {walk_id: min(seen["observed_at"] for seen in fetch) for walk_id, fetch in fetches.items()}
    keys = {
        walk_id: {
            "source": source,
            "feed": feed,
            "walk_id": walk_id,
            "window_start": fetch[0].get("window_start", date(2026, 1, 1)),
            "window_end": fetch[0].get("window_end", starts[walk_id].date() - timedelta(days=2)),
            "_dlt_load_id": load_id,
        }
        for walk_id, fetch in fetches.items()
    }
    observations = [
        seen | {"content_hash": hashlib.sha256(seen["payload"].encode()).hexdigest()} | keys[seen["walk_id"]]
        for seen in load
    ]
    of_windows = [
        keys[walk_id]
        | {
            "is_closed": True,
            "started_at": starts[walk_id],
            "finished_at": max(seen["observed_at"] for seen in fetch),
            "pages_requested": max(seen["page_number"] for seen in fetch),
            "reported_records": len(fetch),
            "received_records": len(fetch),
            "distinct_records": len({seen["record_id"] for seen in fetch}),
            "rejected_records": 0,
            "field_paths": field_paths,
        }
        for walk_id, fetch in fetches.items()
    ]
    mark = {
        "load_id": load_id,
        "schema_name": f"raw_{source}",
        "status": 0,
        "inserted_at": max((seen["observed_at"] for seen in load), default=None),
        "schema_version_hash": version_hash,
    }
    rows = {"observations": observations, "windows": of_windows}
    tables = {
        name: pa.Table.from_pylist(of_table, schema=SCHEMAS[name].append(_LOAD_ID))
        for name, of_table in rows.items()
    }
    return tables | {"_dlt_loads": pa.Table.from_pylist([mark], schema=_LOADS)}


def insert(connection: duckdb.DuckDBPyConnection, source: str, tables: Tables) -> None:
    """Append rows to the raw tables of a source."""
    for name, table in tables.items():
        connection.register("new_rows", table)
        connection.execute(f"insert into raw_{source}.{name} by name from new_rows")
        connection.unregister("new_rows")


# ---------------------------------------------------------------- of any size


@dataclass(frozen=True)
class Shape:
    """What an archive holds: about ``lines`` lines in ``filings`` filings of ``issuers``, filed from start to end."""

    filings: int
    lines: int
    issuers: int
    start: date
    end: date
    seed: int = 1
    scenario: Literal["realistic", "clean"] = "realistic"

    @classmethod
    def of_size(
        cls,
        lines: int | None = None,
        filings: int | None = None,
        issuers: int | None = None,
        start: date | None = None,
        end: date | None = None,
        **others: Any,
    ) -> "Shape":
        """The shape with what is not given as it is in a feed of that size: a longer archive reaches further back."""
        filings = filings or round((lines or 10_000) / LINES_PER_FILING)
        end = end or END
        years = max(1.25, filings / FILINGS_PER_YEAR)
        return cls(
            filings=filings,
            lines=lines or round(filings * LINES_PER_FILING),
            issuers=issuers or min(MOST_ISSUERS, max(20, filings // FILINGS_PER_ISSUER["realistic"])),
            start=start or max(EARLIEST_START, end - timedelta(days=round(365.25 * years))),
            end=end,
            **others,
        )

    def file(self, filings: int, start: date, end: date, first: int) -> Archive:
        """So many filings of the shape's issuers after the ``first`` ones."""
        # Filings with several lines have three and a half on average.
        several = min(0.999, max(0.0, (self.lines / self.filings - 1) / 2.5))
        rates = {"tranches": several, "identical_tranches": 0.0}
        rates |= VOLUME_RATES if self.scenario != "clean" else {}
        generator = Generator(self.scenario, self.issuers, self.seed, self.start, self.end, rates)
        return generator.file(filings, start, end, first)

    def years(self) -> Iterator[tuple[int, date, date, int]]:
        """Filings, first and last day, and the filings before, of every year."""
        starts = [self.start, *(date(year, 1, 1) for year in range(self.start.year + 1, self.end.year + 1))]
        days = (self.end - self.start).days + 1
        for start, after in pairwise([*starts, self.end + windows.ONE_DAY]):
            first, last = (self.filings * (day - self.start).days // days for day in (start, after))
            yield last - first, start, after - windows.ONE_DAY, first

    def filed_on(self, days: Sequence[date], records: int) -> Iterator[bytes]:
        """The payloads of so many records filed on each of the days, which come after the archive's end."""
        for number, day in enumerate(days):
            archive = self.file(records, day, day, self.filings + number * records)
            yield from archive.at()[1][:records]


def write(database: Path, shape: Shape) -> None:
    """Write the archive of the filings and that of the ECB's rates into a DuckDB file that has neither."""
    with tempfile.TemporaryDirectory() as scratch, _environment(database, scratch):
        # The loader makes its tables and its state; only the records do not come from a feed.
        with open_archive("filings_api") as archive:
            archive.append([("windows", SCHEMAS["windows"].empty_table())])
        loader.load("ecb_rates")
        field_paths = _field_paths()
    years = [(shape, *year, field_paths) for year in shape.years() if year[0]]
    with duckdb.connect(str(database)) as connection:
        newest = "select version_hash from raw_filings_api._dlt_version order by version desc limit 1"
        [(version_hash,)] = connection.execute(newest).fetchall()
        # One transaction: the rows go to the file once, not through the log.
        connection.begin()
        for loads in _side_by_side([(*year, version_hash) for year in years]):
            for tables in loads:
                insert(connection, "filings_api", tables)
        connection.commit()


def _side_by_side(years: list[tuple]) -> Iterator[list[Tables]]:
    if len(years) == 1:
        yield _loads_of_year(*years[0])
        return
    with ProcessPoolExecutor(len(os.sched_getaffinity(0)), get_context("spawn")) as pool:
        yield from pool.map(_loads_of_year, *zip(*years, strict=True))


def _loads_of_year(
    shape: Shape, filings: int, start: date, end: date, first: int, field_paths: str, version_hash: str
) -> list[Tables]:
    """One load a month."""
    archive = shape.file(filings, start, end, first)
    loads = []
    for month in windows.plan(start, end, "month", end):
        window_start = max(start, month.start - OVERLAP)
        observed_at = datetime.combine(month.end + windows.ONE_DAY, time(13), UTC)
        filed = [entry for entry in archive.entries if str(window_start) <= entry.day <= str(month.end)]
        keys, payloads = Archive(filed).at(observed_at)
        seen = [
            {
                "record_id": record_id,
                "payload": payload.decode(),
                "walk_id": f"{month.end:%Y%m}{0:026}",
                "window_start": window_start,
                "window_end": month.end,
                "page_number": 1 + place // PAGE_SIZE,
                "position": 1 + place % PAGE_SIZE,
                "observed_at": observed_at + timedelta(seconds=place // PAGE_SIZE),
            }
            for place, ((_, record_id, _), payload) in enumerate(zip(keys, payloads, strict=True))
        ]
        load_id = f"{observed_at.timestamp():.7f}"
        if seen:
            loads.append(tables_of_load("filings_api", FEED, load_id, seen, field_paths, version_hash))
    return loads


@contextmanager
def _environment(database: Path, scratch: str) -> Iterator[None]:
    # Not the archive of whoever measures.
    own = {"INSIDER_ARCHIVE_URL": "", "INSIDER_FILINGS_DB": str(database), "DLT_DATA_DIR": scratch}
    with patch.dict(os.environ, own):
        yield


def _field_paths() -> str:
    from loader.sources.filings_api import read_feed

    os.environ.setdefault("SOURCES__FILINGS_API__BASE_URL", "http://127.0.0.1")
    return read_feed().for_models()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.raw_archive", description="Writes a synthetic raw archive into a DuckDB file."
    )
    parser.add_argument("database", type=Path, help="a DuckDB file without an archive, or a new one")
    parser.add_argument("--lines", type=int, help="about how many; unset, 1.6 a filing")
    parser.add_argument("--filings", type=int, help="how many; unset, as many as suit the lines")
    parser.add_argument("--issuers", type=int)
    parser.add_argument("--start-date", dest="start", type=date.fromisoformat, help="first filing date")
    parser.add_argument("--end-date", dest="end", type=date.fromisoformat, help="last filing date")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scenario", choices=("realistic", "clean"), default="realistic")
    options = vars(parser.parse_args())
    write(options.pop("database").resolve(), Shape.of_size(**options))


if __name__ == "__main__":
    main()
