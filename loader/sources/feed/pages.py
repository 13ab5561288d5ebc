"""Where the pages of a window end: what counts as the last page, and what is a fault of the feed."""

from collections.abc import Callable
from dataclasses import dataclass, field

from dlt.sources.helpers.rest_client.paginators import BasePaginator

from loader.archive.counts import Counts, Record
from loader.errors import IncompleteWalkError, WindowTooLargeError

# So many empty pages in a row, each with a new cursor, and no end in sight.
_EMPTY_PAGES = 20


@dataclass
class EndOfPages:
    """Tells the last page of one walk.

    Attributes:
        pages_by_number: whether pages are asked for by number or offset, not by what the feed gives.
        page_cap: how many pages a window may have of which the feed declares no count.
        empty_page_is_last: whether an empty page is the last one although the feed gives a new cursor.
        names_others: whether the feed is seen to name another page, where an only page with so many records names itself.
    """

    pages_by_number: bool
    page_cap: int
    empty_page_is_last: bool
    names_others: Callable[[int], bool]
    _empty_pages: int = 0
    _previous: list[Record] = field(default_factory=list)
    _seen: set[tuple[str | None, str]] = field(default_factory=set)

    def is_known(self, records: list[Record]) -> bool:
        """Whether the window has received all of ``records``, of which there are some."""
        contents = {(record.record_id, record.content_hash) for record in records}
        return bool(contents) and contents <= self._seen

    def is_here(
        self,
        counts: Counts,
        is_closed: bool,
        paginator: BasePaginator,
        records: list[Record],
        has_more: bool | None,
    ) -> bool:
        """Whether the page of ``records`` is the last one.

        Args:
            counts: those of all pages up to this one.
            is_closed: whether all days of the window were over.
            paginator: what asks for the next page.
            records: the page.
            has_more: whether the feed says that more follows, if it says anything.

        Raises:
            IncompleteWalkError: it is not, and there is no way on.
            WindowTooLargeError: the window reaches ``page_cap``.
        """
        self._seen.update((record.record_id, record.content_hash) for record in records)
        previous, self._previous = self._previous, records
        self._empty_pages = 0 if records else self._empty_pages + 1
        repeats, stays = getattr(paginator, "repeats", False), getattr(paginator, "stays", False)
        if has_more is False:
            return True
        if has_more is None and counts.is_whole and (self.pages_by_number or repeats or not records):
            return True
        declared = counts.reported_records
        if is_closed and declared is not None and counts.received_records > declared:
            # More than was declared: the walk does not come out, whatever follows.
            return True
        if not paginator.has_next_page:
            if has_more:
                raise IncompleteWalkError("the feed says that more follows, and does not say where")
            return True
        is_silent = has_more is None and not counts.is_declared
        if repeats:
            # A page that names itself as the next one is the last, if the feed names other pages where there are more.
            if is_silent and stays and not records:
                return True
            if is_silent and stays and (records != previous if previous else self.names_others(len(records))):
                return True
            raise IncompleteWalkError(
                "the feed gave the same cursor twice: if its last page does so, set has_more_path or total_path"
            )
        if is_silent and not records and self.empty_page_is_last:
            return True
        if not has_more and self._empty_pages >= _EMPTY_PAGES:
            raise IncompleteWalkError(
                f"the page is empty, but not the last one, like {_EMPTY_PAGES - 1} before it: if the feed gives a new "
                "cursor for ever, set empty_page_is_last or has_more_path"
            )
        if not counts.is_declared and counts.pages_requested >= self.page_cap:
            raise WindowTooLargeError(f"it reaches page_cap ({self.page_cap:,} pages)")
        return False
