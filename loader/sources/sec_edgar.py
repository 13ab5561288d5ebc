"""Source ``sec_edgar``: ownership filings (Forms 3, 4, 5 and their amendments) straight from EDGAR."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial

import msgspec

from loader import clock
from loader.archive.archive import Archive, FinishedWalk, NamedTable, Walk, open_archive
from loader.archive.counts import Counts, Page, Record
from loader.archive.load import Summary, load_windows
from loader.archive.windows import ONE_DAY, Window, coverage, date_range, plan
from loader.archive.windows import add_arguments as add_arguments
from loader.config import read_settings
from loader.errors import IncompleteWalkError, UnreadableError, WindowTooLargeError
from loader.http.bounds import WindowBytes, read_bounds
from loader.sources.sec.client import EASTERN, SecClient, Settings
from loader.sources.sec.index import SETTLED, EdgarIndex, Line, Listing
from loader.sources.sec.ownership_document import read_submission

SOURCE = "sec_edgar"

# Writing a load package takes as long as reading a hundred filings: small days share one.
_PACKAGE_SIZE = 1_000
_PAGE_SIZE = 100


def load(start_date: date | None = None, end_date: date | None = None, reconcile: bool = False) -> Summary:
    """Archive the filings that EDGAR's indexes list, day by day.

    A day of which all is archived costs one request, and is not archived again. What was set aside is fetched
    again whenever its day is walked.

    Args:
        start_date: first day; unset, ``lag_days`` before the end of what is complete.
        end_date: last day; unset, today in New York.
        reconcile: walk again all that is archived, or what of it the dates leave, and fetch every filing anew.

    Raises:
        LoadError: the message says what happened, where, and what to do next.
    """
    settings = read_settings(SOURCE, Settings)
    client = SecClient(settings)
    last_closed_day = clock.last_closed_day(EASTERN)
    with open_archive(SOURCE) as archive, ThreadPoolExecutor(settings.workers) as pool:
        start, end = date_range(
            coverage(archive.windows()),
            start_date,
            end_date,
            first_start=settings.start_date,
            lag_days=settings.lag_days,
            today=last_closed_day + ONE_DAY,
            reconcile=reconcile,
        )
        windows = plan(start, min(end, last_closed_day + ONE_DAY), "month", last_closed_day)
        index = EdgarIndex(client, last_closed_day, is_long=end - start > SETTLED)
        edgar = Edgar(client, index, archive, archive.last_walks(), pool, refetch=reconcile)
        return load_windows(archive, SOURCE, windows, edgar.walk, settings.attempts)


Filing = tuple[str, list[Line], str | None]
"""Accession number, lines of the index, and the payload that is archived, if it is to be read from there."""


@dataclass(frozen=True)
class Edgar:
    """The filings of EDGAR; ``refetch``: those that are archived are fetched anew too."""

    client: SecClient
    index: EdgarIndex
    archive: Archive
    last_walks: dict[tuple[date, date], FinishedWalk]
    pool: ThreadPoolExecutor
    refetch: bool

    def walk(self, window: Window, on_page: Callable[[int, float], None]) -> Iterator[NamedTable]:
        """Walk each day of ``window`` by itself, and give the tables of those that bring something new.

        Raises:
            WindowTooLargeError: it has more filings than a load package should or more bytes than it may, or one of
                its indexes cannot be read.
            IncompleteWalkError: the index of its only day cannot be read.
            FeedError: the SEC fails, throttles or is out of reach.
        """
        listings, size, held = [], 0, WindowBytes(read_bounds())
        for number in range(window.days):
            day = window.start + ONE_DAY * number
            last_walk = self.last_walks.get((day, day))
            try:
                listing = self.index.listing(day, bool(last_walk and last_walk.received_records))
            except IncompleteWalkError as error:
                # Until the day stands alone, so that those before it are loaded.
                raise error if window.days == 1 else WindowTooLargeError(str(error)) from None
            if listing is not None:
                listings.append((Window(day, day, window.is_closed), last_walk, listing))
                size += len(listing)
            if size > _PACKAGE_SIZE and window.days > 1:
                raise WindowTooLargeError(f"it has more than {_PACKAGE_SIZE:,} filings")
        for day, last_walk, listing in listings:
            yield from self._walk_day(day, last_walk, listing, held, lambda read: on_page(read, read / size))

    def _walk_day(
        self,
        day: Window,
        last_walk: FinishedWalk | None,
        listing: Listing,
        held: WindowBytes,
        on_page: Callable[[int], None],
    ) -> list[NamedTable]:
        contents = self.archive.contents(last_walk) if last_walk else set()
        is_final = last_walk is not None and last_walk.is_closed
        if is_final and not self.refetch and {number for number, _ in contents} == listing.keys():
            return []
        archived = self.archive.payloads(last_walk) if contents and not self.refetch else {}
        filings = [(number, lines, archived.get(number)) for number, lines in listing.items()]
        walk = Walk(SOURCE, "Archives/edgar", day, counts=Counts(reported_records=len(filings)))
        tables = list(walk.tables(self._pages(filings, held), on_page))
        return [] if is_final and set(walk.contents) == contents else [*tables, walk.finish()]

    def _pages(self, filings: list[Filing], held: WindowBytes) -> Iterator[Page]:
        for first in range(0, len(filings), _PAGE_SIZE):
            records = list(self.pool.map(partial(self._record, held), filings[first : first + _PAGE_SIZE]))
            yield Page(records, reported_records=len(filings))

    def _record(self, held: WindowBytes, filing: Filing) -> Record:
        record = self._read(filing)
        held.add(len(record.payload))
        return record

    def _read(self, filing: Filing) -> Record:
        number, lines, payload = filing
        if payload is not None:
            return Record(payload, number)
        listed = [{"cik": line.cik, "company_name": line.company_name, "path": line.path} for line in lines]
        facts = {"accession_number": number, "form_type": lines[0].form_type, "listed": listed}
        try:
            paths = [f"Archives/{line.path}" for line in lines]
            facts |= self.client.fetch(paths, partial(read_submission, accession_number=number))
        except UnreadableError as error:
            facts["submission"] = error.content.decode(errors="backslashreplace")
            return Record(msgspec.json.encode(facts).decode(), None, error.reason)
        cik = int(facts["issuer_cik"] or lines[0].cik)
        facts["url"] = f"https://www.sec.gov/Archives/edgar/data/{cik}/{number}.txt"
        return Record(msgspec.json.encode(facts).decode(), number)
