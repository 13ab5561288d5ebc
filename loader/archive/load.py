"""Load windows one after the other; finished ones are committed together."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from tqdm import tqdm

from loader.archive.archive import Archive, NamedTable
from loader.archive.windows import Window, coverage
from loader.errors import FeedError, IncompleteWalkError, QuarantineError, WindowTooLargeError
from loader.progress import LOG, is_at, without_bar

# A load package costs half a second, however small: windows wait for it, until they are so many records, so large or so old.
PACKAGE_RECORDS = 100_000
PACKAGE_BYTES = 64 * 1024**2
PACKAGE_SECONDS = 30

_BAR = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}, {remaining} left{postfix}"
_STOPPED = "Nothing of this window was archived; windows before it were, and the next run goes on from there."
_HELD = "Nothing was archived: no window before it had a record."


@dataclass(frozen=True)
class Summary:
    """What a load archived, and the day through which the source is now complete (None: no closed window).

    Of a source of files nobody knows that: ``newest_day`` is the last day that they gave; None for other sources.
    """

    source: str
    windows: int
    first_day: date | None
    last_day: date | None
    received_records: int
    rejected_records: int
    merged_records: int
    complete_through: date | None
    newest_day: date | None = None

    def __str__(self) -> str:
        """One line for the user."""
        if not self.windows:
            return f"{self.source}: nothing new"
        merged = f", {self.merged_records:,} of them with the id of another" if self.merged_records else ""
        through = f"complete through {self.complete_through or 'no day yet'}"
        if self.newest_day:
            through = f"the newest day archived is {self.newest_day}"
        return (
            f"{self.source}: {self.first_day} to {self.last_day} in {self.windows:,} windows, "
            f"{self.received_records:,} records, {self.rejected_records:,} of them set aside{merged}; {through}"
        )


def load_windows(
    archive: Archive,
    source: str,
    windows: list[Window],
    walk: Callable[[Window, Callable[..., None]], Iterator[NamedTable]],
    attempts: int,
    confirm_empty: Callable[[], None] | None = None,
    *,
    is_of_files: bool = False,
) -> Summary:
    """Walk and archive ``windows`` in order; one too large for the feed is split in two.

    Args:
        archive: the archive of ``source``.
        source: name of the source.
        windows: what to walk.
        walk: gives a window's tables; for each page it calls its second argument with the number of records, and
            with their share in the window's records if it knows it.
        attempts: how often a window is walked before an incomplete walk stops the load.
        confirm_empty: called where no window had a record. If given, windows count only after it or a record: one that
            is asked for in a wrong way is empty too.
        is_of_files: whether the source gives what files happen to have, so that no day is known to be complete.

    Raises:
        FeedError: a window cannot be loaded; those before it are archived.
        QuarantineError: too many records were set aside; all windows are archived.
    """
    queue, days, received = deque(windows), 0, 0
    package = _Package(archive, is_held=confirm_empty is not None)
    total = sum(window.days for window in queue)
    if windows:
        LOG.info("%s to %s in %d windows", windows[0].start, windows[-1].end, len(windows))
    # disable=None: no bar unless stderr is a terminal.
    with tqdm(total=total, desc=source, bar_format=_BAR, disable=without_bar()) as bar:

        def show(records: int, share: float = 0.0) -> None:
            nonlocal received
            received += records
            is_at(f"window {window}, {received:,} records so far, {days / total:.0%} of the days done")
            bar.update(share * window.days)
            bar.set_postfix(records=f"{received:,}")

        try:
            while queue:
                window = queue.popleft()
                show(0)
                try:
                    package.add(_walk_window(window, partial(walk, window, show), attempts))
                    days += window.days
                    bar.update(days - bar.n)
                except WindowTooLargeError as error:
                    if window.start == window.end:
                        raise FeedError(
                            f"window {window}: {error}, and a day cannot be split. If the feed does serve more, "
                            f"raise that bound. {_HELD if package.is_held else _STOPPED}"
                        ) from None
                    LOG.info("window %s is split in two: %s", window, error)
                    queue.extendleft(reversed(window.halves()))
                except FeedError as error:
                    stopped = _HELD if package.is_held else _STOPPED
                    raise FeedError(f"window {window}: {error}. {stopped}") from None
            if package.is_held:
                confirm_empty()
                package.is_held = False
        finally:
            is_at(f"archiving what has come, {received:,} records")
            # Whatever stops the walks, an interruption too: those that are finished are kept.
            package.archive()
    received, rejected = package.count("received_records"), package.count("rejected_records")
    if rejected * 10 > received >= 50 or rejected == received >= 10:
        raise QuarantineError(
            f"{rejected:,} of {received:,} records were set aside, such as this one ({package.example}. They are archived. "
            f"If a setting of [sources.{source}] is wrong, mend it and run again: they are read again then. "
            "If the feed was wrong, load their days again once it is mended"
        )
    rows = package.rows
    covered = coverage(archive.windows())
    return Summary(
        source,
        windows=len(rows),
        first_day=min((row["window_start"] for row in rows), default=None),
        last_day=max((row["window_end"] for row in rows), default=None),
        received_records=received,
        rejected_records=rejected,
        merged_records=received - rejected - package.count("distinct_records"),
        complete_through=covered.complete_through if covered else None,
        newest_day=covered.last if covered and is_of_files else None,
    )


class _Package:
    """Finished walks on their way into the archive; ``rows`` are the rows of ``windows`` that are there.

    As long as it ``is_held`` nothing is archived; a record releases it.
    """

    def __init__(self, archive: Archive, is_held: bool) -> None:
        self._archive = archive
        self.is_held = is_held
        self._tables: list[NamedTable] = []
        self._records = self._bytes = 0
        self._since = time.monotonic()
        self.rows: list[dict[str, Any]] = []
        self.example = ""

    def count(self, column: str) -> int:
        """Sum up a column of ``rows``."""
        return sum(row[column] for row in self.rows)

    def add(self, tables: list[NamedTable]) -> None:
        """Take the tables of a walk; archive what has come together when it is time."""
        if not self._tables:
            self._since = time.monotonic()
        self._tables += tables
        self.is_held &= not any(table.num_rows for name, table in tables if name != "windows")
        for name, table in tables:
            if name == "rejects" and table.num_rows and not self.example:
                reject = table.slice(0, 1).to_pylist()[0]
                self.example = f"{reject['reason']}): {' '.join(reject['payload'].split())[:200]}"
        self._records += sum(table.num_rows for _, table in tables)
        self._bytes += sum(table.nbytes for _, table in tables)
        age = time.monotonic() - self._since
        if self._records >= PACKAGE_RECORDS or self._bytes >= PACKAGE_BYTES or age >= PACKAGE_SECONDS:
            self.archive()

    def archive(self) -> None:
        """Archive what has come together, unless it is held."""
        if self.is_held:
            return
        tables, self._tables = self._tables, []
        self._records = self._bytes = 0
        self.rows += self._archive.append(tables)


def _walk_window(
    window: Window, tables: Callable[[], Iterator[NamedTable]], attempts: int
) -> list[NamedTable]:
    for attempt in range(1, attempts + 1):
        try:
            # A window counts as a whole: nothing of it is archived before its last page came.
            return list(tables())
        except IncompleteWalkError as error:
            reason = str(error)
            if attempt < attempts:
                LOG.warning(
                    "window %s: %s; walked again (attempt %d of %d)", window, reason, attempt + 1, attempts
                )
    raise FeedError(f"{reason} (in the last of {attempts} walks)")
