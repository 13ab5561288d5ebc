"""Source ``prices``: daily prices of shares and of the benchmark, from CSV or Parquet files."""

import csv
import gzip
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import msgspec
import pyarrow as pa

from loader import clock
from loader.archive import RECORDS, NamedTable, Walk, open_archive
from loader.backfill import Summary, load_windows
from loader.config import read_settings
from loader.errors import FeedError
from loader.store import sql_text
from loader.windows import ONE_DAY, Window

SOURCE = "prices"

_PAGE_SIZE = 100_000
_REQUIRED = {"market", "session_date", "close"}
_TEXTS = ("ticker", "issuer_id", "source", "market", "session_date")
# What a number has to be where it is given; a close has to be given.
_NUMBERS = {"close": "> 0", "open": ">= 0", "adjusted_close": "> 0", "volume": ">= 0"}
_NUMBERS |= {"split_ratio": "> 0", "delisting_return": ">= -1"}


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """Section ``[sources.prices]``."""

    path: str


class _PriceWalk(Walk):
    @property
    def distinct_records(self) -> int:
        """All that could be read: repeats are passed over before."""
        return self.received_records - self.rejected_records


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command line options of this source: the arguments of ``load``."""
    text = "a folder with .csv, .csv.gz and .parquet files, or one of them"
    parser.add_argument("--path", type=Path, metavar="FOLDER", help=text)


def load(path: Path | None = None) -> Summary:
    """Archive the rows of price files, a record for each symbol, market and session, in one walk for each year.

    Rows that are the last archived content of their record are passed over, and count in no walk; so are those
    set aside before, as long as they still are.

    Args:
        path: a folder of files, or a file; unset, the one of the settings.

    Raises:
        LoadError: the message says what happened, where, and what to do next.
    """
    path = Path(path or read_settings(SOURCE, Settings).path)
    with (
        TemporaryDirectory() as folder,
        read_prices(path, Path(folder)) as prices,
        open_archive(SOURCE) as archive,
    ):
        [(first, last)] = prices.execute("select min(session_date), max(session_date) from rows").fetchall()
        # What has no day goes with the last one.
        day_of_row = f"select *, coalesce(session_date, date '{last}') as day from rows"
        prices.execute("create table archived (content_hash varchar, is_read boolean)")
        for _contents in archive.last_contents(f"{first}:", f"{last};"):
            prices.execute("insert into archived from _contents")
        # A row is judged by the others of its file and by the day: what was set aside once may be a price now.
        prices.execute("delete from rows where (content_hash, record_id is not null) in (from archived)")
        # A year at a time: a window is in memory as a whole.
        years = prices.execute(
            f"select distinct year(day) as year from ({day_of_row}) order by year"
        ).fetchall()
        windows = [
            Window(start, end, is_closed=end < clock.today())
            for (year,) in years
            for start, end in [(max(first, date(year, 1, 1)), min(last, date(year, 12, 31)))]
        ]

        def walk(window: Window, on_page: Callable[[int, float], None]) -> Iterator[NamedTable]:
            rows = f"from ({day_of_row}) where day between '{window.start}' and '{window.end}'"
            [(count,)] = prices.execute(f"select count(*) {rows}").fetchall()
            walk = _PriceWalk(SOURCE, path.name, window, reported_records=count)
            pages = prices.execute(f"select {', '.join(RECORDS.names)} {rows}")
            for page in pages.to_arrow_reader(_PAGE_SIZE):
                yield from walk.add_rows(pa.Table.from_batches([page]))
                on_page(page.num_rows, page.num_rows / count)
            yield walk.finish()

        return load_windows(archive, SOURCE, windows, walk, attempts=1)


def read_prices(path: Path, folder: Path) -> duckdb.DuckDBPyConnection:
    """Read price files into a database in ``folder``.

    Returns:
        a connection to it: table ``rows`` has the columns of ``RECORDS`` and ``session_date``. A payload has the
        columns and texts of a row, empty cells left out; its id is such as ``2026-03-02:US:ticker::EXM``. What cannot be
        read has no id and a reason. Of the same row again one is kept; rows of a file that contradict each other
        are all set aside; of a session that several files give, the last of them by name counts.

    Raises:
        FeedError: there are no such files, or none of their rows is a price.
    """
    database = duckdb.connect(folder / "prices.duckdb", config={"memory_limit": "1GB", "threads": 2})
    database.execute("set enable_progress_bar = false")
    try:
        cells = " union all ".join(_cells(*group) for group in _find_files(database, path).items())
        database.execute(f"create table rows as {_checked(cells)}")
        if database.execute("from duckdb_tables() where table_name = 'reject_errors'").fetchall():
            database.execute(
                "insert into rows by name with unread as (select distinct scan_id, file_id, line, csv_line from reject_errors)"
                " select json_object('line', csv_line) as payload, 'unreadable_line' as reason, sha256(payload) as content_hash"
                " from unread order by all"
            )
    except OSError as error:
        raise FeedError(f"{path} cannot be read: {error.strerror}") from None
    except (duckdb.Error, UnicodeDecodeError) as error:
        raise FeedError(f"{path} holds files that cannot be read: {error}") from None
    # Few rows repeat: they are looked for by a number, which costs less than by their ids.
    database.execute(
        "create table repeats as select rowid as id, record_id, from_file,"
        " min(payload) over same <> max(payload) over same as contradicts from rows"
        " where hash(record_id) in"
        " (select hash(record_id) from rows where record_id is not null group by all having count(*) > 1)"
        " window same as (partition by record_id, from_file)"
    )
    database.execute(
        "delete from rows where rowid in (select id from repeats where not contradicts"
        " qualify row_number() over (partition by record_id order by from_file desc, id) > 1)"
    )
    database.execute(
        "update rows set record_id = null, reason = 'contradicted_in_file'"
        " where rowid in (select id from repeats where contradicts)"
    )
    [(count, prices)] = database.execute("select count(*), count(record_id) from rows").fetchall()
    if not prices:
        raise FeedError(f"{path}: none of its {count:,} rows is a price")
    return database


def _find_files(database: duckdb.DuckDBPyConnection, path: Path) -> dict[tuple[str, ...], list[str]]:
    """The files that have the same kind and the same names of columns, by these."""
    found: dict[tuple[str, ...], list[str]] = {}
    for file in sorted(path.iterdir() if path.is_dir() else [path]):
        if not file.name.endswith((".csv", ".csv.gz", ".parquet")):
            continue
        if file.suffix == ".parquet":
            described = database.execute(f"describe from read_parquet({sql_text(str(file))})").fetchall()
            columns = [name.strip().lower() for name, *_ in described]
        else:
            with (gzip.open if file.suffix == ".gz" else open)(
                file, "rt", encoding="utf-8-sig", newline=""
            ) as lines:
                columns = [name.strip().lower() for name in next(csv.reader(lines), [])]
        if not (
            set(columns) >= _REQUIRED
            and {"ticker", "issuer_id"} & set(columns)
            and len({*columns, ""}) == len(columns) + 1
        ):
            raise FeedError(
                f"{file} has the columns {', '.join(columns) or '(none)'}: needed are market, session_date, close, and "
                "ticker or issuer_id, divided by commas; no name may stand twice"
            )
        found.setdefault((file.suffix, *columns), []).append(str(file))
    if not found:
        raise FeedError(f"{path} holds no .csv, .csv.gz or .parquet file")
    return found


def _cells(columns: tuple[str, ...], files: list[str]) -> str:
    """A query of files with these columns: payloads, and the cells with a meaning, empty ones as null."""
    suffix, *names = columns
    quoted = {name: '"' + name.replace('"', '""') + '"' for name in names}
    paths = "[" + ", ".join(sql_text(file) for file in files) + "]"
    if suffix == ".parquet":
        scan = f"(select columns(*)::varchar from read_parquet({paths}, filename='from_file'))"
    else:
        types = ", ".join(f"{sql_text(name)}: 'varchar'" for name in names)
        scan = (
            f"read_csv({paths}, columns={{{types}}}, auto_detect=false, header=true, delim=',', quote='\"', escape='\"',"
            " filename='from_file', store_rejects=true)"
        )
    # A Parquet file has NaN where a CSV file has nothing.
    texts = {name: f"nullif(nullif(trim({cell}), ''), 'nan')" for name, cell in quoted.items()}
    payload = ", ".join(f"{quoted[name]} := {text}" for name, text in texts.items())
    cells = ", ".join(f"{texts.get(name, 'null::varchar')} as {name}" for name in (*_TEXTS, *_NUMBERS))
    return f"select json_merge_patch('{{}}', to_json(struct_pack({payload})))::varchar as payload, {cells}, from_file from {scan}"


def _checked(cells: str) -> str:
    """The query of ``rows``: ids, and reasons why there is none."""
    reasons = {"symbol is null": "missing_symbol"}
    tomorrow = clock.today() + ONE_DAY
    reasons[f"coalesce(day not between '1900-01-01' and '{tomorrow}', true)"] = "unusable_session_date"
    reasons["close is null"] = "missing_close"
    for name, condition in _NUMBERS.items():
        number = f"try_cast({name} as double)"
        usable = f"coalesce(isfinite({number}) and {number} {condition}, false)"
        reasons[f"{name} is not null and not {usable}"] = f"unusable_{name}"
    whens = " ".join(f"when {condition} then '{reason}'" for condition, reason in reasons.items())
    return (
        "select payload, if(reason is null, day || ':' || symbol, null) as record_id, reason, sha256(payload) as content_hash,"
        " if(reason is null, day, null) as session_date, from_file"
        f" from (select *, case {whens} end as reason from (select *, try_cast(session_date as date) as day,"
        " coalesce(upper(market), '') || ':' || if(issuer_id is null, 'ticker::' || upper(ticker),"
        f" 'issuer_id:' || coalesce(source, '') || ':' || issuer_id) as symbol from ({cells})))"
    )
