"""Source ``prices``: daily prices of shares and of the benchmark, from CSV or Parquet files."""

import csv
import gzip
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import duckdb
import msgspec
import pyarrow as pa

from loader import clock
from loader.archive.archive import NamedTable, Walk, open_archive
from loader.archive.counts import RECORDS, Page
from loader.archive.load import Summary, load_windows
from loader.archive.store import sql_text
from loader.archive.windows import ONE_DAY, Window
from loader.config import read_settings, refuse_other_encoding
from loader.errors import FeedError, SettingsError, is_full

SOURCE = "prices"

_PAGE_SIZE = 100_000
_DELIMITERS = ",;\t|"
_REQUIRED = {"market", "session_date", "close"}
_TEXTS = ("ticker", "issuer_id", "source", "market", "session_date")
_NUMBERS = ("close", "open", "adjusted_close", "volume", "split_ratio", "delisting_return")
# What programs write into a cell without a number. Texts are no numbers: NA, NAN and NULL are tickers.
_NOTHING = ("", "-", "--", "null", "nan", "none", "nil", "na", "n/a", "#n/a", "#na", "nat")

# Cells that only one form of numbers allows, in the cells of a row joined with "|".
_FORMS_OF_NUMBERS = {
    "point": r"[.][0-9]{1,2}([|]|$)|[.][0-9]{4,}|,[0-9]{3}[.]|,[0-9]{3},",
    "comma": r",[0-9]{1,2}([|]|$)|,[0-9]{4,}|[.][0-9]{3},|[.][0-9]{3}[.]",
    "either": r"[0-9][.,][0-9]{3}([|]|$)",
}
_FORMS_OF_DATES = {
    "iso": r"^[0-9]{4}(-[0-9]{1,2}-[0-9]{1,2}|[0-9]{4})($|[T ])",
    "day_first": r"^([0-9]{1,2}[.][0-9]{1,2}[.]|(1[3-9]|2[0-9]|3[01])[/-][0-9]{1,2}[/-])[0-9]{4}$",
    "month_first": r"^[0-9]{1,2}[/-](1[3-9]|2[0-9]|3[01])[/-][0-9]{4}$",
    "either": r"^[0-9]{1,2}[/-][0-9]{1,2}[/-][0-9]{4}$",
}


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """Section ``[sources.prices]``; ``.dlt/config.toml`` says what each key means."""

    path: str | None = None
    decimal_separator: Literal["auto", ".", ","] = "auto"
    date_order: Literal["auto", "day_first", "month_first"] = "auto"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command line options of this source: the arguments of ``load``."""
    text = "a folder with .csv, .csv.gz and .parquet files, or one of them"
    parser.add_argument("--path", type=Path, metavar="FOLDER", help=text)


def load(path: Path | None = None) -> Summary:
    """Archive the rows of price files as they are given, in one walk for each year.

    A record is a symbol, market and session; of several files that have it the last one by name counts, and of equal rows
    one. What the archive has of a record from its last walk is not archived again, nor is a row set aside before.

    Args:
        path: a folder of files, or a file; unset, the one of the settings.

    Raises:
        LoadError: the message says what happened, where, and what to do next.
    """
    settings = read_settings(SOURCE, Settings)
    if not (path or settings.path):
        raise SettingsError("no price files are named: give --path, or set path in [sources.prices]")
    path = Path(path or settings.path)
    with (
        TemporaryDirectory() as folder,
        read_prices(path, Path(folder), settings) as prices,
        open_archive(SOURCE) as archive,
    ):
        [(first, last)] = prices.execute("select min(session_date), max(session_date) from rows").fetchall()
        # What has no day goes with the last one.
        day_of_row = f"select *, coalesce(session_date, date '{last}') as day from rows"
        prices.execute("create table archived (first_content varchar, last_content varchar, is_read boolean)")
        for _contents in archive.last_contents(f"{first}:", f"{last};"):
            prices.execute("insert into archived from _contents")
        # What was set aside once for its day may be a record now.
        prices.execute(
            "delete from rows where (first_content, last_content, record_id is not null) in (from archived)"
        )
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
            [(count, distinct)] = prices.execute(
                f"select count(*), count(distinct record_id) {rows}"
            ).fetchall()
            walk = Walk(SOURCE, path.name, window, distinct=distinct)
            batches = prices.execute(f"select {', '.join(RECORDS.names)} {rows}").to_arrow_reader(_PAGE_SIZE)
            pages = (Page(pa.Table.from_batches([batch]), reported_records=count) for batch in batches)
            yield from walk.tables(pages, lambda records: on_page(records, records / count))
            yield walk.finish()

        return load_windows(archive, SOURCE, windows, walk, attempts=1, is_of_files=True)


def read_prices(path: Path, folder: Path, settings: Settings) -> duckdb.DuckDBPyConnection:
    """Read price files into a database in ``folder``.

    Returns:
        a connection to it: table ``rows`` has the columns of ``RECORDS`` and ``session_date``, and the first and the last content
        hash of the rows of its record. A payload has the columns and texts of a row, empty cells left out and numbers
        with a decimal point; its id is such as ``2026-03-02:US:ticker::EXM``. What cannot be read has no id and a reason.

    Raises:
        FeedError: there are no such files, their numbers or dates can be read in two ways, or no row has a symbol and a session.
    """
    database = duckdb.connect(folder / "prices.duckdb", config={"memory_limit": "1GB", "threads": 2})
    database.execute("set enable_progress_bar = false")
    try:
        groups = _find_files(database, path)
        cells = " union all ".join(
            _cells(columns, files, _forms(database, columns, files, settings))
            for columns, files in groups.items()
        )
        database.execute(f"create table rows as {_identified(cells)}")
        if database.execute("from duckdb_tables() where table_name = 'reject_errors'").fetchall():
            database.execute(
                "insert into rows by name with unread as (select distinct scan_id, file_id, line, csv_line from reject_errors)"
                " select json_object('line', csv_line) as payload, 'unreadable_line' as reason, sha256(payload) as content_hash,"
                " content_hash as first_content, content_hash as last_content"
                " from unread order by all"
            )
    except OSError as error:
        if is_full(error):
            raise
        raise FeedError(f"{path} cannot be read: {error.strerror}") from None
    except (duckdb.Error, UnicodeDecodeError) as error:
        if is_full(error):
            raise
        raise FeedError(f"{path} holds files that cannot be read: {error}") from None
    # Few records have several rows: they are looked for by a number, which costs less than by their ids.
    database.execute(
        "create table repeats as select rowid as id, record_id, content_hash, from_file from rows where hash(record_id) in"
        " (select hash(record_id) from rows where record_id is not null group by all having count(*) > 1)"
    )
    database.execute(
        "delete from rows where rowid in (select id from repeats qualify from_file < max(from_file) over (partition by record_id)"
        " or row_number() over (partition by record_id, from_file, content_hash order by id) > 1)"
    )
    database.execute(
        "update rows set first_content = first, last_content = last from"
        " (select record_id, min(content_hash) as first, max(content_hash) as last from rows"
        " where record_id in (select record_id from repeats) group by record_id) as records where rows.record_id = records.record_id"
    )
    [(count, records)] = database.execute("select count(*), count(record_id) from rows").fetchall()
    if not records:
        raise FeedError(f"{path}: none of its {count:,} rows has a symbol and a session")
    return database


def _find_files(database: duckdb.DuckDBPyConnection, path: Path) -> dict[tuple[str, ...], list[str]]:
    """The files of one kind, delimiter and list of columns, by these."""
    found: dict[tuple[str, ...], list[str]] = {}
    for file in sorted(path.iterdir() if path.is_dir() else [path]):
        if not file.name.endswith((".csv", ".csv.gz", ".parquet")):
            continue
        refuse_other_encoding(f"the name of the file {file}", str(file))
        if file.suffix == ".parquet":
            described = database.execute(f"describe from read_parquet({sql_text(str(file))})").fetchall()
            headers = {"": [name.strip().lower() for name, *_ in described]}
        else:
            with (gzip.open if file.suffix == ".gz" else open)(
                file, "rt", encoding="utf-8-sig", newline=""
            ) as lines:
                first_line = next(lines, "")
            headers = {
                delimiter: [
                    name.strip().lower() for name in next(csv.reader([first_line], delimiter=delimiter), [])
                ]
                for delimiter in _DELIMITERS
            }
        delimiter, columns = next((item for item in headers.items() if _is_header(item[1])), (None, None))
        if columns is None:
            names = ", ".join(max(headers.values(), key=len)) or "(none)"
            raise FeedError(
                f"{file} has the columns {names}: needed are market, session_date, close, and "
                "ticker or issuer_id, divided by commas, semicolons, tabs or |; no name may stand twice"
            )
        found.setdefault((file.suffix, delimiter, *columns), []).append(str(file))
    if not found:
        raise FeedError(f"{path} holds no .csv, .csv.gz or .parquet file")
    return found


def _is_header(columns: list[str]) -> bool:
    """Whether these columns describe prices, each name once."""
    has_symbol = bool({"ticker", "issuer_id"} & set(columns))
    return has_symbol and set(columns) >= _REQUIRED and len({*columns, ""}) == len(columns) + 1


def _scan(columns: tuple[str, ...], files: list[str], rejects: str) -> str:
    """A query of files with these columns, all of them texts; ``rejects`` says what becomes of lines that do not fit."""
    suffix, delimiter, *names = columns
    paths = "[" + ", ".join(sql_text(file) for file in files) + "]"
    if suffix == ".parquet":
        return f"(select columns(*)::varchar from read_parquet({paths}, filename='from_file'))"
    types = ", ".join(f"{sql_text(name)}: 'varchar'" for name in names)
    return (
        f"read_csv({paths}, columns={{{types}}}, auto_detect=false, header=true, delim={sql_text(delimiter)}, quote='\"', escape='\"',"
        f" filename='from_file', {rejects}=true)"
    )


def _forms(
    database: duckdb.DuckDBPyConnection, columns: tuple[str, ...], files: list[str], settings: Settings
) -> dict[str, tuple[str, str]]:
    """How each file writes numbers (``point`` or ``comma``) and dates (``iso``, ``day_first`` or ``month_first``).

    A cell such as 1.234 or 03/02/2026 can be read in two ways: the other cells of its file decide, else the settings.

    Raises:
        FeedError: neither decides.
    """
    numbers = [f"trim({_quoted(name)})" for name in columns[2:] if name in _NUMBERS]
    seen = [
        *(f"bool_or(regexp_matches(numbers, '{pattern}'))" for pattern in _FORMS_OF_NUMBERS.values()),
        *(f"bool_or(regexp_matches(day, '{pattern}'))" for pattern in _FORMS_OF_DATES.values()),
        f"min(numbers) filter (regexp_matches(numbers, '{_FORMS_OF_NUMBERS['either']}'))",
        f"min(day) filter (regexp_matches(day, '{_FORMS_OF_DATES['either']}'))",
    ]
    rows = database.execute(
        f"select from_file, {', '.join(seen)} from (select from_file, trim(session_date) as day,"
        f" concat_ws('|', {', '.join(numbers)}) as numbers from {_scan(columns, files, 'ignore_errors')}) group by all"
    ).fetchall()
    forms = {}
    for file, point, comma, unclear, iso, day_first, month_first, any_order, number, day in rows:
        separator = {".": "point", ",": "comma"}.get(settings.decimal_separator)
        if separator is None:
            # Between commas a decimal point is what every program writes.
            if (point and comma) or (
                unclear and not (point or comma) and (columns[1] != "," or "," in number)
            ):
                raise FeedError(
                    f"{file}: its numbers can be read with a decimal point and with a decimal comma (such as "
                    f"{number or 'two forms in one file'}): set decimal_separator in [sources.prices] to . or ,"
                )
            separator = "comma" if comma else "point"
        order = "iso"
        if not iso and (day_first or month_first or any_order):
            order = "day_first" if day_first else "month_first"
            if settings.date_order != "auto":
                order = settings.date_order
            elif day_first == month_first:
                raise FeedError(
                    f"{file}: its dates can be read with the day or the month first (such as {day}): write them as "
                    "2026-03-31, or set date_order in [sources.prices] to day_first or month_first"
                )
        forms[file] = (separator, order)
    return forms


def _cells(columns: tuple[str, ...], files: list[str], forms: dict[str, tuple[str, str]]) -> str:
    """A query of files with these columns: payloads, texts, numbers beside what the file has (`raw_...`), dates as ISO."""
    texts = {name: f"nullif(trim({_quoted(name)}), '')" for name in columns[2:]}
    # A Parquet file has NaN where a CSV file has nothing.
    nothing = ", ".join(map(sql_text, _NOTHING))
    for name in texts.keys() & set(_NUMBERS):
        texts[name] = f"if(lower({texts[name]}) in ({nothing}), null, {texts[name]})"
    separators, orders = ({file: form[place] for file, form in forms.items()} for place in (0, 1))
    comma = _is_in(separators, "comma")
    numbers = {
        name: f"case when {comma} then {_without_comma(text)} else {_without_thousands(text)} end"
        for name, text in texts.items()
        if name in _NUMBERS
    }
    payload = ", ".join(
        f"{_quoted(name)} := {f'coalesce({numbers[name]}, {text})' if name in numbers else text}"
        for name, text in texts.items()
    )
    cells = [f"{texts.get(name, 'null::varchar')} as {name}" for name in _TEXTS if name != "session_date"]
    cells += [
        f"{numbers.get(name, 'null::varchar')} as {name}, {texts.get(name, 'null')} as raw_{name}"
        for name in _NUMBERS
    ]
    cells.append(f"{_iso_date(texts['session_date'], orders)} as session_date")
    return (
        f"select json_merge_patch('{{}}', to_json(struct_pack({payload})))::varchar as payload, {', '.join(cells)},"
        f" from_file from {_scan(columns, files, 'store_rejects')}"
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _is_in(forms: dict[str, str], form: str) -> str:
    """The condition that a row is of a file with this form."""
    files = ", ".join(sql_text(file) for file, found in forms.items() if found == form)
    return f"from_file in ({files})" if files else "false"


def _without_thousands(text: str) -> str:
    grouped = f"regexp_full_match({text}, '[+-]?[0-9]{{1,3}}(,[0-9]{{3}})+([.][0-9]*)?')"
    return f"if({grouped}, replace({text}, ',', ''), {text})"


def _without_comma(text: str) -> str:
    """A number with a decimal comma as one with a point; null where it has none of both forms."""
    usual = (
        f"regexp_full_match({text}, '[+-]?([0-9]{{1,3}}([.][0-9]{{3}})+|[0-9]*)(,[0-9]*)?([eE][+-]?[0-9]+)?')"
    )
    return f"if({usual}, replace(replace({text}, '.', ''), ',', '.'), null)"


def _iso_date(text: str, orders: dict[str, str]) -> str:
    """A date as the file writes it, as an ISO date."""
    forms = {f"regexp_full_match({text}, '[0-9]{{8}}')": "%Y%m%d"}
    forms |= {_is_in(orders, "day_first"): "%d.%m.%Y", _is_in(orders, "month_first"): "%m.%d.%Y"}
    dotted = f"replace(replace({text}, '/', '.'), '-', '.')"
    cases = [
        f"when {condition} then strftime(try_strptime({dotted}, '{form}'), '%Y-%m-%d')"
        for condition, form in forms.items()
    ]
    return f"case {' '.join(cases)} else {text} end"


def _identified(cells: str) -> str:
    """The query of ``rows``: ids, and reasons why there is none."""
    reasons = {"symbol is null": "missing_symbol"}
    tomorrow = clock.today() + ONE_DAY
    reasons[f"coalesce(day not between '1900-01-01' and '{tomorrow}', true)"] = "unusable_session_date"
    reasons |= {f"raw_{name} is not null and {name} is null": f"unusable_{name}" for name in _NUMBERS}
    whens = " ".join(f"when {condition} then '{reason}'" for condition, reason in reasons.items())
    return (
        "select payload, if(reason is null, day || ':' || symbol, null) as record_id, reason, sha256(payload) as content_hash,"
        " content_hash as first_content, content_hash as last_content,"
        " if(reason is null, day, null) as session_date, from_file"
        f" from (select *, case {whens} end as reason from (select *, try_cast(session_date as date) as day,"
        " coalesce(upper(market), '') || ':' || if(issuer_id is null, 'ticker::' || upper(ticker),"
        f" 'issuer_id:' || coalesce(source, '') || ':' || issuer_id) as symbol from ({cells})))"
    )
