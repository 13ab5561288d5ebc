"""EDGAR's indexes: which ownership filings (Forms 3, 4, 5 and their amendments) were filed on a day."""

import re
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import PurePosixPath
from typing import NamedTuple, TypeVar

from loader.errors import IncompleteWalkError, UnreadableError
from loader.sources.sec.client import SecClient

ReadT = TypeVar("ReadT")

# The index of a day comes within hours. After a week none comes any more, and full indexes are complete.
SETTLED = timedelta(days=7)

_HEADING = b"CIK|Company Name|Form Type|Date Filed|"
_LINE = re.compile(r"^(\d+)\|(.*)\|([345](?:/A)?)\|(\d{4}-?\d\d-?\d\d)\|(\S+)", re.MULTILINE)


class Line(NamedTuple):
    """A line of a master index: a filing has one for each company and person on it."""

    cik: str
    company_name: str
    form_type: str
    date_filed: str
    path: str


Listing = dict[str, list[Line]]
"""The lines of filings by accession number, in the order of these."""


class EdgarIndex:
    """EDGAR's indexes, as read in one run; those of one quarter are kept.

    A run over more than a week (``is_long``) takes settled quarters from their full index, in one request each. All
    other days are taken from their daily index.
    """

    def __init__(self, client: SecClient, last_closed_day: date, is_long: bool) -> None:
        """``last_closed_day`` is the last day that is over in New York."""
        self._client = client
        self._last_closed_day = last_closed_day
        self._is_long = is_long
        self._enter("")

    def listing(self, day: date, had_filings: bool) -> Listing | None:
        """What was filed on ``day``; None as long as its index may still come.

        Args:
            day: any day; those of one quarter should follow each other.
            had_filings: whether it is known to have an index.

        Raises:
            IncompleteWalkError: an index cannot be read.
            FeedError: the SEC fails, throttles or is out of reach.
        """
        quarter = _quarter(day)
        if quarter != self._quarter:
            self._enter(quarter)
            if self._is_long and quarter < _quarter(self._last_closed_day - SETTLED):
                self._full_index = defaultdict(list)
                for line in self._read(f"full-index/{quarter}/master.idx", _read_lines):
                    self._full_index[line.date_filed.replace("-", "")].append(line)
        if day not in self._listings:
            self._listings[day] = self._read_listing(day, had_filings)
        return self._listings[day]

    def _enter(self, quarter: str) -> None:
        self._quarter = quarter
        self._full_index: dict[str, list[Line]] | None = None
        self._indexed_days: set[str] | None = None
        self._listings: dict[date, Listing | None] = {}

    def _read_listing(self, day: date, had_filings: bool) -> Listing | None:
        name = f"{day:%Y%m%d}"
        if self._full_index is not None:
            return _by_accession_number(self._full_index[name])
        if not had_filings and name not in self._directory(day):
            is_settled = day.weekday() >= 5 or name < max(self._directory(day), default="")
            is_settled |= day <= self._last_closed_day - SETTLED
            return {} if is_settled and day <= self._last_closed_day else None
        return _by_accession_number(self._read(f"daily-index/{self._quarter}/master.{name}.idx", _read_lines))

    def _directory(self, day: date) -> set[str]:
        if self._indexed_days is None:
            # It comes with the first index of the quarter.
            is_new = date(day.year, (day.month - 1) // 3 * 3 + 1, 1) > self._last_closed_day - SETTLED
            path = f"daily-index/{self._quarter}/index.json"
            self._indexed_days = self._read(path, _read_directory, set() if is_new else None)
        return self._indexed_days

    def _read(self, path: str, read: Callable[[bytes], ReadT], if_missing: ReadT | None = None) -> ReadT:
        try:
            return self._client.fetch([f"Archives/edgar/{path}"], read)
        except UnreadableError as error:
            if error.reason == "missing_file" and if_missing is not None:
                return if_missing
            raise IncompleteWalkError(f"the index {path} cannot be read ({error}): check base_url") from None


def _quarter(day: date) -> str:
    return f"{day.year}/QTR{(day.month + 2) // 3}"


def _read_lines(content: bytes) -> list[Line]:
    if _HEADING not in content:
        raise UnreadableError("no_index", content)
    return [Line(*fields) for fields in _LINE.findall(content.decode("latin-1"))]


def _read_directory(content: bytes) -> set[str]:
    if b'"directory"' not in content:
        raise UnreadableError("no_directory", content)
    return set(re.findall(r'"master\.(\d{8})\.idx', content.decode()))


def _by_accession_number(lines: list[Line]) -> Listing:
    listing: Listing = defaultdict(list)
    for line in lines:
        listing[PurePosixPath(line.path).stem].append(line)
    return dict(sorted(listing.items()))
