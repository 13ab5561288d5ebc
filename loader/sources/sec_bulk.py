"""Source ``sec_bulk``: the SEC's quarterly Insider Transactions Data Sets, ownership filings since 2006."""

import re
import zipfile
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import duckdb

from loader import clock
from loader.archive.archive import NamedTable, Walk, open_archive
from loader.archive.counts import Page, Record
from loader.archive.load import Summary, load_windows
from loader.archive.windows import ONE_DAY, Window
from loader.config import read_settings
from loader.errors import FeedError, SettingsError, UnreadableError, is_full
from loader.http.bounds import read_bounds
from loader.sources.sec.client import EASTERN, SecClient, Settings

SOURCE = "sec_bulk"

# Where data sets lie; the SEC began to put new quarters into the second folder in 2026.
_FOLDERS = ("files/structureddata", "files/datastandardsinnovation")
_PAGE_SIZE = 2000
# Tables of a data set and their names in a payload; each filing has one row of SUBMISSION.
_LISTS = {
    "REPORTINGOWNER": "owners",
    "NONDERIV_TRANS": "nonderiv_trans",
    "NONDERIV_HOLDING": "nonderiv_holding",
    "DERIV_TRANS": "deriv_trans",
    "DERIV_HOLDING": "deriv_holding",
    "FOOTNOTES": "footnotes",
    "OWNER_SIGNATURE": "owner_signature",
}


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``load`` as command line options."""
    parser.add_argument(
        "--quarter", nargs="+", action="extend", required=True, metavar="2023q2", dest="quarters"
    )
    parser.add_argument("--path", type=Path, metavar="FILE", help="a data set that is there already")


def load(quarters: list[str], path: Path | None = None) -> Summary:
    """Archive one record a filing, for every quarter that has changed since it was archived.

    Args:
        quarters: such as ``2023q2``.
        path: the zip file of the only quarter; unset, data sets are downloaded.

    Raises:
        LoadError: the message says what happened, where, and what to do next.
    """
    names = {_window(quarter): f"{quarter.lower()}_form345.zip" for quarter in quarters}
    if path and len(names) > 1:
        raise SettingsError("a file holds one quarter: give --path with one --quarter")
    client = None if path else SecClient(read_settings("sec_edgar", Settings))

    with open_archive(SOURCE) as archive:
        last_walks = archive.last_walks()

        def walk(window: Window, on_page: Callable[[int, float], None]) -> Iterator[NamedTable]:
            with TemporaryDirectory() as name:
                folder = Path(name)
                file = path or _download(client, names[window], folder)
                last_walk = last_walks.get((window.start, window.end))
                archived = archive.contents(last_walk) if last_walk else set()
                with read_data_set(file, folder) as data_set:
                    contents = data_set.execute("select record_id, sha256(payload) from records").fetchall()
                    if set(contents) == archived:
                        return
                    walk = Walk(SOURCE, names[window], window)
                    yield from walk.tables(
                        _pages(data_set), lambda records: on_page(records, records / len(contents))
                    )
                    yield walk.finish()

        return load_windows(archive, SOURCE, sorted(names), walk, attempts=1)


def _pages(data_set: duckdb.DuckDBPyConnection) -> Iterator[Page]:
    [(filings, unread)] = data_set.execute(
        "select (select count(id) from submission), (select count(*) from records where record_id is null)"
    ).fetchall()
    rows = data_set.execute("select payload, record_id, reason from records")
    while page := [Record(*row) for row in rows.fetchmany(_PAGE_SIZE)]:
        yield Page(page, reported_records=filings + unread)


def read_data_set(path: Path, folder: Path) -> duckdb.DuckDBPyConnection:
    """Read a data set into a database in ``folder``.

    Returns:
        a connection to it: table ``records`` has ``record_id`` (accession number), ``payload`` and ``reason``. A
        payload is ``{"submission": {...}, "owners": [{...}], "nonderiv_trans": [...], ...}`` with the columns and
        texts of the file, empty cells left out. What belongs to no filing or cannot be read is a record by itself,
        without an id and with the reason.

    Raises:
        FeedError: there is no such file, or it is no data set.
    """
    database = duckdb.connect(folder / "data_set.duckdb", config={"memory_limit": "1GB", "threads": 2})
    database.execute("create table unread (table_name varchar, line varchar)")
    try:
        with zipfile.ZipFile(path) as data_set:
            # What a member unpacks to is what it declares, and no more.
            size = sum(member.file_size for member in data_set.infolist())
            if size > (bound := read_bounds().window_max_bytes):
                raise FeedError(
                    f"{path.name} unpacks to {size:,} bytes, more than window_max_bytes ({bound:,}, in [runtime] of "
                    ".dlt/config.toml)"
                )
            members = {PurePosixPath(name).stem.upper(): name for name in data_set.namelist()}
            for table in ("SUBMISSION", *_LISTS):
                # A missing table or key is a KeyError.
                _read_table(database, Path(data_set.extract(members[table], folder)), table)
    except OSError as error:
        if is_full(error):
            raise
        raise FeedError(f"{path} cannot be read: {error.strerror}") from None
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError, duckdb.Error) as error:
        if is_full(error):
            raise
        raise FeedError(f"{path.name} is no Insider Transactions Data Set of the SEC: {error}") from None

    for table in _LISTS:
        database.execute(
            f"create table {table}_lists as select id, to_json(list(line order by rowid)) as lines from {table} group by id"
        )
    lists = "".join(
        f", '{name}', coalesce({table}_lists.lines, '[]'::json)" for table, name in _LISTS.items()
    )
    joins = "".join(f" left join {table}_lists on {table}_lists.id = submission.id" for table in _LISTS)
    database.execute(
        f"create table records as select json_object('submission', line{lists}) as payload,"
        f" submission.id as record_id, if(submission.id is null, 'missing_id', null) as reason"
        f" from submission{joins}"
    )
    for table in _LISTS:
        database.execute(
            f"insert into records select json_object('table', '{table}', 'row', line), null, 'no_submission'"
            f" from {table} where id is null or id not in (select id from submission where id is not null)"
        )
    database.execute(
        "insert into records select json_object('table', table_name, 'line', line), null, 'unreadable_line' from unread"
    )
    return database


def _read_table(database: duckdb.DuckDBPyConnection, file: Path, table: str) -> None:
    """Read a tab separated file into a table of accession numbers (``id``) and rows as JSON (``line``).

    Texts with quotes are quoted as in CSV. A file of which more can be read when quotes mean nothing is read so.
    """
    with file.open(encoding="utf-8-sig") as lines:
        columns = dict.fromkeys(lines.readline().rstrip("\r\n").split("\t"), "varchar")
    if "ACCESSION_NUMBER" not in columns or not all(re.fullmatch("[A-Z0-9_]+", name) for name in columns):
        raise KeyError(f"{table}.ACCESSION_NUMBER")
    readings = {}
    for quote in ('"', ""):
        reading = f"{table}_{len(quote)}"
        database.execute(
            f"create table {reading} as select ACCESSION_NUMBER as id, json_merge_patch('{{}}', to_json(cells)) as line"
            f" from read_csv(?, columns={columns}, auto_detect=false, header=true, delim='\t', quote='{quote}',"
            f" escape='{quote}', null_padding=true, parallel=false, store_rejects=true,"
            f" rejects_table='{reading}_unread', rejects_scan='{reading}_scan') as cells",
            [str(file)],
        )
        unread = database.execute(
            f"select distinct line, csv_line from {reading}_unread order by line"
        ).fetchall()
        readings[reading] = [(table, line) for _, line in unread]
        if not unread:
            break
    best = min(readings, key=lambda reading: len(readings[reading]))
    database.execute(f"alter table {best} rename to {table}")
    if readings[best]:
        database.executemany("insert into unread values (?, ?)", readings[best])


def _download(client: SecClient, name: str, folder: Path) -> Path:
    path = folder / name
    for parent in _FOLDERS:
        try:
            address = f"{parent}/data/insider-transactions-data-sets/{name}"
            path.write_bytes(client.fetch([address], _zip_file))
            return path
        except UnreadableError as error:
            reason = error
    raise FeedError(f"{name} cannot be had ({reason}): the SEC publishes a quarter some weeks after its end")


def _zip_file(content: bytes) -> bytes:
    if not content.startswith(b"PK"):
        raise UnreadableError("no_zip_file", content)
    return content


def _window(quarter: str) -> Window:
    match = re.fullmatch(r"(\d{4})q([1-4])", quarter.lower())
    if not match:
        raise SettingsError(f"a quarter is written as 2023q2, not {quarter!r}")
    year, number = int(match[1]), int(match[2])
    end = date(year + number // 4, number % 4 * 3 + 1, 1) - ONE_DAY
    return Window(date(year, number * 3 - 2, 1), end, is_closed=end <= clock.last_closed_day(EASTERN))
