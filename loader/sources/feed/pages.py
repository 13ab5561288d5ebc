"""Where the pages of a window end: what counts as the last page, and what is a fault of the feed."""

from collections.abc import Callable
from dataclasses import dataclass, field

from dlt.sources.helpers.rest_client.paginators import BasePaginator

from loader.archive.archive import Record, Walk
from loader.errors import IncompleteWalkError, WindowTooLargeError

# So many empty pages in a row, each with a new cursor, and no end in sight.
_EMPTY_PAGES = 20


def is_counted(walk: Walk) -> bool:
    """Whether the feed declared how many records or pages the window has."""
    return walk.reported_records is not None or walk.reported_pages is not None


def is_whole(walk: Walk) -> bool:
    """Whether all that the feed declared is received; False where it declares nothing."""
    if walk.reported_pages is not None:
        return walk.pages_requested >= walk.reported_pages
    return walk.reported_records is not None and walk.received_records >= walk.reported_records


def is_known(walk: Walk, records: list[Record]) -> bool:
    """Whether ``walk`` has received all of ``records``, of which there are some."""
    return bool(records) and all(
        (record.record_id, record.content_hash) in walk.contents for record in records
    )


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

    def is_here(
        self, walk: Walk, paginator: BasePaginator, records: list[Record], has_more: bool | None
    ) -> bool:
        """Whether the page of ``records``, which ``walk`` has counted, is the last one.

        Args:
            walk: the walk.
            paginator: what asks for the next page.
            records: the page.
            has_more: whether the feed says that more follows, if it says anything.

        Raises:
            IncompleteWalkError: it is not, and there is no way on.
            WindowTooLargeError: the window reaches ``page_cap``.
        """
        previous, self._previous = self._previous, records
        self._empty_pages = 0 if records else self._empty_pages + 1
        repeats, stays = getattr(paginator, "repeats", False), getattr(paginator, "stays", False)
        if has_more is False:
            return True
        if has_more is None and is_whole(walk) and (self.pages_by_number or repeats or not records):
            return True
        declared = walk.reported_records
        if walk.window.is_closed and declared is not None and walk.received_records > declared:
            # More than was declared: the walk does not come out, whatever follows.
            return True
        if not paginator.has_next_page:
            if has_more:
                raise IncompleteWalkError("the feed says that more follows, and does not say where")
            return True
        is_silent = has_more is None and not is_counted(walk)
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
        if not is_counted(walk) and walk.pages_requested >= self.page_cap:
            raise WindowTooLargeError(f"it reaches page_cap ({self.page_cap:,} pages)")
        return False
