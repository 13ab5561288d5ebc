"""Whether a feed serves the days that a request names: all of them, and no others."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

import orjson
import pyarrow as pa

from loader import clock
from loader.archive.archive import NamedTable
from loader.archive.counts import Page, Record
from loader.archive.windows import ONE_DAY, Window
from loader.errors import FeedError, LoadError, WindowTooLargeError
from loader.http.client import first_given
from loader.progress import LOG
from loader.sources.feed.record_ids import without_number

# Days of which no feed has filings.
_LONG_AGO = date(clock.FIRST_YEAR + 1, 6, 13)
_FAR_OFF = date(clock.LAST_YEAR - 1, 6, 13)

_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d{8}(?!\d)")

Records = dict[str | None, Record | None]
"""Records by id, or by content where they have none; of a window that reaches record_cap only ``_TOO_MANY``."""
_TOO_MANY: Records = {None: None}


class DayFilter:
    """Compares the first records of a load with what the feed serves for other days.

    Where records bear the date by which the feed filters, that is one request a load: one of their days, asked
    alone. Where that does not settle it, or records bear no date, it is a dozen at the most. What the feed refuses
    to answer stops nothing.
    """

    def __init__(
        self,
        walk: Callable[[Window, Callable[[int], None]], Iterator[NamedTable]],
        pages: Callable[[Window], Iterator[Page]],
        date_paths: Iterable[list[str]],
        parameters: tuple[str, str],
        are_exclusive: tuple[bool, bool],
    ) -> None:
        """Check what ``walk`` gives of a window, and ``pages`` page by page, without archiving it.

        ``date_paths`` are where records bear dates, ``parameters`` name the first and the last day of a request, and
        ``are_exclusive`` says which of these the settings say that the feed leaves out.
        """
        self._walk = walk
        self._pages = pages
        self._date_paths = list(date_paths)
        self._from, self._to = (
            f"{name} ({value})"
            for name, value in zip(("from_parameter", "to_parameter"), parameters, strict=True)
        )
        self._before_first, self._after_last = (ONE_DAY * is_exclusive for is_exclusive in are_exclusive)
        self._is_known = self._is_compared = self._has_told_doubles = False
        self._before: tuple[Window, set[str]] | None = None

    def walk(self, window: Window, on_page: Callable[[int], None]) -> Iterator[NamedTable]:
        """Give the tables of a walk.

        Raises:
            FeedError: the feed leaves out the last or the first day that it is asked for, or ignores the days.
        """
        found: Records = {}
        contents: set[str] = set()
        try:
            for name, table in self._walk(window, on_page):
                if name != "windows" and table.num_rows:
                    contents.update(table["content_hash"].to_pylist())
                    found = found or _of_table(table)
                yield name, table
        except WindowTooLargeError:
            # A feed that ignores the days serves all that it has.
            self._compare(window, found or _TOO_MANY)
            raise
        if not found:
            return
        if not self._is_known:
            self._is_known = True
            self._stop_at(lambda: self._problem(window, found))
        other, contents_of_other = self._before = self._before or (window, contents)
        is_apart = other.end < window.start or window.end < other.start
        if is_apart and (contents <= contents_of_other or contents >= contents_of_other):
            self._compare(window, found)

    def check_empty(self, windows: list[Window]) -> None:
        """Ask for all days of ``windows`` together, none of which had a record.

        Raises:
            FeedError: see `walk`.
        """
        closed = [window for window in windows if window.is_closed]
        if self._is_known or not closed:
            return
        start, end = closed[0].start, closed[-1].end
        window = _days(min(start, end - ONE_DAY), end)
        self._is_known = True
        self._stop_at(lambda: (found := self._first(window)) and self._problem(window, found))

    def _compare(self, window: Window, found: Records) -> None:
        if not self._is_compared:
            self._is_compared = True
            self._stop_at(lambda: self._ignored(window, found))

    def _stop_at(self, find: Callable[[], Any]) -> None:
        try:
            problem = find()
        except LoadError as error:
            LOG.warning("whether the feed serves the days that it is asked for is not known: %s", error)
            return
        if problem:
            raise FeedError(problem)

    def _problem(self, window: Window, found: Records) -> str | None:
        by_day = self._by_day(window, found)
        if by_day:
            if window.days == 1:
                return None
            day = max(by_day, key=lambda day: len(by_day[day]))
            alone = self._first(_days(day, day))
            near = self._by_day(_days(day - ONE_DAY, day + ONE_DAY), alone)
            if by_day[day] <= alone.keys() and near:
                if further := near.keys() & {day - self._before_first, day + self._after_last} - {day}:
                    self._tell_doubles(min(further))
                return None
            suspect = _days(day, day + ONE_DAY)
            return self._ignored(window, found) or self._left_out(
                suspect if self._first(suspect) else self._narrowed(window)
            )
        is_dated = self._by_day(_days(_LONG_AGO, _FAR_OFF), found)
        return (self._ignored(window, found) if is_dated else None) or self._left_out(self._narrowed(window))

    def _ignored(self, window: Window, found: Records) -> str | None:
        """Say which of the two days of a request the feed ignores: without that day it serves nothing else."""
        sides = (self._from, window.end, _FAR_OFF), (self._to, window.start, _LONG_AGO)
        ignored = [
            name
            for name, day, no_day in sides
            if (alone := self._first(_days(day, day)))
            and alone.keys() <= found.keys()
            and self._first_of_no_day(no_day)
        ]
        if not ignored:
            return None
        return (
            f"the feed ignores {' and '.join(ignored)}: it serves the same records whatever it is asked for, so that "
            "no window is known to be complete. Name the parameters as the feed does"
        )

    def _first_of_no_day(self, day: date) -> Records:
        try:
            return self._first(_days(day, day))
        except FeedError:
            # It reads the day that it refuses.
            return {}

    def _narrowed(self, window: Window) -> Window | None:
        """A window of records whose halves have none; None where a day alone has some."""
        while window.days > 1:
            filled = next((half for half in window.halves() if self._first(half)), None)
            if filled is None:
                return window
            window = filled
        return None

    def _left_out(self, window: Window | None) -> str | None:
        """Say whether ``window`` has records that neither of its halves has, now and when asked again."""
        if not window or not self._lost(window) or not (lost := self._lost(window)):
            return None
        before, after = window.halves()
        of_days = self._by_day(window, lost)
        day, setting = "the first or the last day", "to_is_exclusive or from_is_exclusive"
        if of_days:
            is_last = before.end in of_days
            day, setting = (
                ("the last day", "to_is_exclusive") if is_last else ("the first day", "from_is_exclusive")
            )
        return (
            f"the feed leaves out {day} that it is asked for: {len(lost):,} records that it serves for {window} are "
            f"neither in {before} nor in {after}. Set {setting} = true; what an archive has from before lacks such "
            "days: load it again with --reconcile"
        )

    def _lost(self, window: Window) -> Records:
        before, after = (
            {key for page in self._pages(half) for key in _by_id(page.records)} for half in window.halves()
        )
        first = self._first(window).items()
        return {key: record for key, record in first if record and key not in before | after}

    def _first(self, window: Window) -> Records:
        """The first records of a window."""
        pages = 0
        try:
            for page in self._pages(window):
                if page.records:
                    return _by_id(page.records)
                pages += 1
        except WindowTooLargeError:
            # After empty pages it is their number that is too large, not that of the records.
            return {} if pages else _TOO_MANY
        return {}

    def _by_day(self, window: Window, records: Records) -> dict[date, set[str | None]]:
        """Ids by a date of the records that lies within ``window`` for all of them; empty without such a date."""
        documents = {key: _document(r.payload) for key, r in records.items() if r and r.record_id}
        for paths in self._date_paths:
            by_day = defaultdict(set)
            for key, document in documents.items():
                by_day[_day(first_given(document, paths))].add(key)
            first, last = window.start - self._before_first, window.end + self._after_last
            if by_day and all(day and first <= day <= last for day in by_day):
                within = {day: keys for day, keys in by_day.items() if window.start <= day <= window.end}
                if len(within) < len(by_day):
                    self._tell_doubles(next(day for day in by_day if day not in within))
                return within
        return {}

    def _tell_doubles(self, day: date) -> None:
        """Say so if the feed serves ``day`` although the settings say that it leaves out such a day: no harm, but twice the work."""
        if not self._has_told_doubles and self._first(
            _days(day + self._before_first, day - self._after_last)
        ):
            self._has_told_doubles = True
            LOG.warning(
                "the feed includes both days that it is asked for: from_is_exclusive or to_is_exclusive need not be true; a day "
                "beside each window is fetched twice, and its records are archived twice, but count once"
            )


def _days(start: date, end: date) -> Window:
    # As if they were not over: what the feed adds meanwhile is no fault.
    return Window(start, end, is_closed=False)


def _of_table(table: pa.Table) -> Records:
    """The records of a page that could be read, as the archive has them."""
    columns = [table[name].to_pylist() for name in ("payload", "record_id") if name in table.column_names]
    return _by_id([Record(*row) for row in zip(*columns, strict=True)]) if len(columns) == 2 else {}


def _by_id(page: list[Record]) -> Records:
    return {without_number(record.record_id) or record.content_hash: record for record in page}


def _document(payload: str) -> Any:
    try:
        return orjson.loads(payload)
    except ValueError:
        return None


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(_DATE.match(str(value))[0])
    except (TypeError, ValueError):
        return None
