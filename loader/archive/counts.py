"""What came of a window, counted page by page and held against what the feed declared: no state, no input or output."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import pyarrow as pa

from loader.errors import IncompleteWalkError

RECORDS = pa.schema([(name, pa.string()) for name in ("payload", "record_id", "reason", "content_hash")])

Contents = Counter[tuple[str | None, str]]
"""How often each (record id, content hash) was received."""


@dataclass(frozen=True)
class Record:
    """A record's JSON text as received, and its id; without an id it is set aside for ``reason``."""

    payload: str
    record_id: str | None
    reason: str | None = None

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of the payload, in hex."""
        return hashlib.sha256(self.payload.encode()).hexdigest()


class Page(NamedTuple):
    """What a source yields: records, or a table of the schema ``RECORDS``, and what the feed has declared for the window so far."""

    records: list[Record] | pa.Table
    reported_records: int | None = None
    reported_pages: int | None = None

    @property
    def rejected_records(self) -> int:
        """Number of its records without an id."""
        if isinstance(self.records, pa.Table):
            return self.records["record_id"].null_count
        return sum(record.record_id is None for record in self.records)

    def contents(self) -> Contents:
        """The contents of its records; of a table none, whose ids the source counts."""
        if isinstance(self.records, pa.Table):
            return Counter()
        return Counter((record.record_id, record.content_hash) for record in self.records)

    def table(self) -> pa.Table:
        """Its records as a table of the schema ``RECORDS``."""
        if isinstance(self.records, pa.Table):
            return self.records
        columns = [[getattr(record, name) for record in self.records] for name in RECORDS.names]
        return pa.table([pa.array(column, pa.string()) for column in columns], schema=RECORDS)


@dataclass(frozen=True)
class Counts:
    """Pages and records of a window; columns of the archive's table ``windows``."""

    pages_requested: int = 0
    pages_with_records: int = 0
    reported_records: int | None = None
    reported_pages: int | None = None
    received_records: int = 0
    rejected_records: int = 0

    @property
    def is_declared(self) -> bool:
        """Whether the feed declared how many records or pages the window has."""
        return self.reported_records is not None or self.reported_pages is not None

    @property
    def is_whole(self) -> bool:
        """Whether all that the feed declared is received; False where it declares nothing."""
        if self.reported_pages is not None:
            return self.pages_requested >= self.reported_pages
        return self.reported_records is not None and self.received_records >= self.reported_records

    def declaring(self, is_closed: bool, **reported: int) -> "Counts":
        """The same with what a further reply declares.

        Raises:
            IncompleteWalkError: of days that are over, it declares another number than before.
        """
        for name, declared in reported.items():
            before = getattr(self, name)
            if is_closed and before not in (None, declared):
                raise IncompleteWalkError(f"the feed declared {before:,} in all, and now {declared:,}")
        return replace(self, **reported)

    def after(self, page: Page) -> "Counts":
        """The counts with a further page."""
        return replace(
            self,
            pages_requested=self.pages_requested + 1,
            pages_with_records=self.pages_with_records + bool(len(page.records)),
            reported_records=page.reported_records,
            reported_pages=page.reported_pages,
            received_records=self.received_records + len(page.records),
            rejected_records=self.rejected_records + page.rejected_records,
        )

    def check(self, is_closed: bool) -> "Counts":
        """The counts of all pages of a window, if they come out.

        Raises:
            IncompleteWalkError: of days that are over, the feed declared other numbers.
        """
        if is_closed and self.reported_records not in (None, self.received_records):
            raise IncompleteWalkError(
                f"{self.received_records:,} records received on {self.pages_requested:,} pages, "
                f"{self.reported_records:,} declared by the feed"
            )
        # An empty window may count as no page or as one.
        pages = max(self.pages_with_records, 1)
        if is_closed and self.reported_pages is not None and max(self.reported_pages, 1) != pages:
            raise IncompleteWalkError(
                f"{self.pages_with_records:,} pages with records, {self.reported_pages:,} declared by the feed"
            )
        return self


def count(pages: Iterable[Page], is_closed: bool) -> tuple[Counts, Contents]:
    """Count and check all pages of a window.

    Raises:
        IncompleteWalkError: see `Counts.check`.
    """
    counts, contents = Counts(), Contents()
    for page in pages:
        counts = counts.after(page)
        contents.update(page.contents())
    return counts.check(is_closed), contents
