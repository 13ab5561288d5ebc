"""What a feed's first page holds, read as the settings say, and whether the feed can be loaded; nothing is archived."""

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from loader.archive.archive import NamedTable
from loader.archive.counts import Page
from loader.archive.windows import Window
from loader.config import PROJECT
from loader.errors import LoadError, WindowTooLargeError
from loader.http.client import first_given
from loader.redaction import redact

# The seeds that know a value by its text alone: the field, its seed, the column of the text, and that of the source. Roles and titles of
# securities are read by rules.
_MAPS = {
    "transaction_type": ("transaction_type_map", "raw_code", "source"),
    "status": ("status_map", "raw_status", "source"),
    "country": ("markets", "market", None),
}
# Of each of these a record has to give at least one, or it counts for nothing.
_NEEDED = {
    "an issuer": ("issuer_id", "ticker"),
    "an insider": ("insider_id", "insider_name"),
    "a date of the transaction": ("transaction_date",),
    "what was done": ("transaction_type", "acquired_disposed"),
    "how much": ("shares", "value"),
    "a day or a time of publication": (
        "filing_date",
        "published_at",
        "accepted_at",
        "created_at",
        "updated_at",
    ),
}


class Field(NamedTuple):
    """What a canonical field is in the records, owners or lines of a page: how often each path gave it, and each value."""

    name: str
    paths: Counter[str]
    values: Counter[str]
    places: int


class Checked(NamedTuple):
    """What was found; a feed with ``problems`` cannot be loaded."""

    text: str
    problems: list[str]


def check(name: str, feed: Any, window: Window) -> Checked:
    """Ask a feed for the first page of ``window``, or of its last days where it holds too much, and for the days beside it.

    Raises:
        LoadError: it cannot be asked.
    """
    window, page = _first_page(feed, window)
    records = [record for record in page.records if record.record_id is not None]
    documents = [json.loads(record.payload) for record in records]
    paths = msgspec.json.decode(feed.field_paths)
    fields = list(_fields(documents, paths))
    problems = [*_problems(page, fields), *(_bounds(feed, window, page) if records else ())]
    declared = "no count" if page.reported_records is None else f"{page.reported_records:,} records"
    unread = _leaves(documents) - _read(paths, feed.id_paths)
    lines = [
        f"{name}: {feed.address}, {window}: {len(page.records):,} records on the first page; the feed declares {declared}",
        *(
            ["without a count no window is verified (docs/feeds.md: second_walk)"]
            if page.reported_records is None and not feed.is_walked_twice
            else []
        ),
        *_table(fields),
        *(f"no map knows of {field}: {_counted(unknown)}" for field, unknown in _unknown(name, fields)),
        f"nobody reads: {', '.join(sorted(unread)) or 'nothing'}",
        *(f"problem: {problem}" for problem in problems),
        "It cannot be loaded so." if problems else "It can be loaded.",
    ]
    return Checked("\n".join(redact(_printable(line)) for line in lines), problems)


def _first_page(feed: Any, window: Window) -> tuple[Window, Page]:
    while True:
        try:
            return window, next((page for page in feed.pages(window) if page.records), Page([]))
        except WindowTooLargeError:
            if window.days == 1:
                raise
            window = list(window.halves())[1]


def _fields(documents: list[Any], paths: dict[str, Any]) -> Iterator[Field]:
    """Each canonical field, as the models of the staging find it: in a line or an owner, else in the record around it."""
    # Of an owner's paths the further ones mean something else in the record.
    further = {"record": 0, "owner": 1, "line": None}
    for part, of_record in further.items():
        places = [(place, document) for document in documents for place in _places(part, document, paths)]
        for name, of_field in paths[part].items():
            given = [
                found
                for place, document in places
                if (found := _first(place, of_field) or _first(document, of_field[:of_record]))
            ]
            found_at = Counter(path for path, _ in given)
            yield Field(name, found_at, Counter(_text(value) for _, value in given), len(places))


def _places(part: str, document: Any, paths: dict[str, Any]) -> list[Any]:
    """What is read as a record, an owner or a line of a document: a flat one is its own line, and its owner's record."""
    if part == "record":
        return [document]
    lists = [found for path in paths[f"{part}s"] if isinstance(found := first_given(document, [path]), list)]
    elements = [item for found in lists for item in found if isinstance(item, dict)]
    if part == "owner":
        return elements or [{}]
    return elements if lists else [document]


def _first(place: Any, paths: list[str]) -> tuple[str, Any] | None:
    values = ((path, first_given(place, [path])) for path in paths)
    return next((item for item in values if item[1] not in (None, "")), None)


def _problems(page: Page, fields: list[Field]) -> Iterator[str]:
    if not page.records:
        yield "the feed has no record of these days: give --start-date and --end-date of days that have some"
        return
    rejected = [record for record in page.records if record.record_id is None]
    if len(rejected) * 10 > len(page.records):
        yield (
            f"{len(rejected):,} of {len(page.records):,} records would be set aside, such as this one "
            f"({rejected[0].reason}): {' '.join(rejected[0].payload.split())[:200]}"
        )
    if page.reported_records is not None and page.reported_records < len(page.records):
        yield f"the feed declares {page.reported_records:,} records and gives {len(page.records):,}: total_path is no count of the window"
    filled = {field.name for field in fields if field.values}
    for what, names in _NEEDED.items():
        if filled.isdisjoint(names):
            yield f"no record gives {what} ({' or '.join(names)})"


def _bounds(feed: Any, window: Window, page: Page) -> Iterator[str]:
    """Whether the feed serves the days that it is asked for."""

    def first_page(_: Window, __: Any) -> Iterator[NamedTable]:
        yield "observations", page.table()

    try:
        for _ in feed.day_filter(first_page).walk(window, lambda *_: None):
            pass
    except LoadError as error:
        yield str(error)


def _unknown(name: str, fields: list[Field]) -> Iterator[tuple[str, Counter[str]]]:
    for field in fields:
        if field.name not in _MAPS:
            continue
        seed, column, source = _MAPS[field.name]
        with (PROJECT / "seeds" / f"{seed}.csv").open(newline="", encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if not source or row[source] in (name, "filings_api")]
        known = {row[column].lower() for row in rows}
        unknown = {text: count for text, count in field.values.items() if text.strip().lower() not in known}
        if unknown:
            yield field.name, Counter(unknown)


def _leaves(value: Any, path: str = "") -> set[str]:
    """The paths of what is no object and no list."""
    if isinstance(value, dict):
        return {
            leaf for key, item in value.items() for leaf in _leaves(item, f"{path}.{key}" if path else key)
        }
    if isinstance(value, list):
        return {leaf for item in value for leaf in _leaves(item, path)}
    return {path} if path else set()


def _read(paths: dict[str, Any], id_paths: Iterable[str]) -> set[str]:
    read = {*id_paths}
    for part, of_list in (("record", []), ("owner", paths["owners"]), ("line", paths["lines"])):
        of_part = {path for of_field in paths[part].values() for path in of_field}
        read |= of_part | {f"{place}.{path}" for place in of_list for path in of_part}
    return read


def _table(fields: list[Field]) -> list[str]:
    rows = [("field", "filled", "from", "example")]
    for field in fields:
        filled = f"{field.values.total():,} of {field.places:,}"
        rows.append((field.name, filled, ", ".join(field.paths), next(iter(field.values), "")[:60]))
    widths = [max(len(row[place]) for row in rows) for place in range(3)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]).rstrip()
        for row in rows
    ]


def _counted(values: Counter[str]) -> str:
    return ", ".join(f"{text[:60]} ({count:,})" for text, count in values.most_common(10))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _printable(text: str) -> str:
    """On one line, with control characters escaped."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text
    )
