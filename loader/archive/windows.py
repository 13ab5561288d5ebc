"""Which windows of days a run walks."""

import calendar
from argparse import ArgumentParser
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

from loader import clock
from loader.clock import FIRST_YEAR, LAST_YEAR
from loader.errors import SettingsError

WindowSize = Literal["month", "week", "day"]
ONE_DAY = timedelta(days=1)


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command line options of a source that is loaded by days."""
    parser.add_argument("--start-date", type=clock.day, metavar="D", help="first day; else, go on")
    parser.add_argument("--end-date", type=clock.day, metavar="D", help="last day; else, today")
    parser.add_argument("--reconcile", action="store_true", help="walk again all that is archived")


@dataclass(frozen=True, order=True)
class Window:
    """Days ``start`` to ``end``, both included; closed when every one of them was over as the run started."""

    start: date
    end: date
    is_closed: bool

    def __str__(self) -> str:
        """``2026-01-01..2026-01-31``."""
        return f"{self.start}..{self.end}"

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.end - self.start).days + 1

    def single_days(self) -> list["Window"]:
        """A window for each day."""
        days = (self.start + ONE_DAY * number for number in range(self.days))
        return [Window(day, day, self.is_closed) for day in days]

    def halves(self) -> tuple["Window", "Window"]:
        """Two windows that cover this one, which has at least two days."""
        middle = self.start + (self.end - self.start) // 2
        return Window(self.start, middle, self.is_closed), Window(middle + ONE_DAY, self.end, self.is_closed)


class Coverage(NamedTuple):
    """First and last day of the windows that are archived, and the day through which they are complete."""

    first: date
    last: date
    complete_through: date | None


def coverage(windows: Iterable[Window]) -> Coverage | None:
    """Sum up archived windows; None without any.

    Complete through is the end of the gap-free run of closed windows that starts with the earliest of them.
    """
    windows = sorted(windows)
    if not windows:
        return None
    complete_through = None
    for window in windows:
        if window.is_closed:
            if complete_through and window.start > complete_through + ONE_DAY:
                break
            complete_through = max(complete_through or window.end, window.end)
    return Coverage(windows[0].start, max(window.end for window in windows), complete_through)


def date_range(
    covered: Coverage | None,
    start: date | None,
    end: date | None,
    *,
    first_start: date | None,
    lag_days: int,
    today: date,
    reconcile: bool,
) -> tuple[date, date]:
    """First and last day of a run: as given, else from where the archive ends to today.

    Args:
        covered: what is archived.
        start: the first day asked for.
        end: the last day asked for.
        first_start: the first day where nothing is archived yet.
        lag_days: days before the end of what is complete that are walked again.
        today: the last day where none is asked for.
        reconcile: what is not asked for is all that is archived.

    Raises:
        SettingsError: there is no first day, the range is empty, or a year is far from any filing's.
    """
    if reconcile and covered:
        start, end = start or covered.first, end or covered.last
    elif covered and covered.complete_through and not start:
        start = max(covered.first, covered.complete_through + ONE_DAY - timedelta(days=lag_days))
    start, end = start or first_start, end or today
    if start is None:
        raise SettingsError(
            "no closed window is archived that a run could go on from: give --start-date, or set start_date "
            "in .dlt/config.toml"
        )
    for day in (start, end):
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise SettingsError(f"{day} is no day of the years {FIRST_YEAR} to {LAST_YEAR}")
    if start > end:
        raise SettingsError(f"the range of days is empty: from {start} to {end}")
    return start, end


def plan(start: date, end: date, size: WindowSize, last_closed_day: date) -> list[Window]:
    """Split ``start`` to ``end`` into calendar months, weeks (from Monday) or days.

    The days that are not over come last, as one window of their own.
    """
    windows = []
    while start <= min(end, last_closed_day):
        stop = min(_period_end(start, size), end, last_closed_day)
        windows.append(Window(start, stop, is_closed=True))
        start = stop + ONE_DAY
    if start <= end:
        windows.append(Window(start, end, is_closed=False))
    return windows


def _period_end(day: date, size: WindowSize) -> date:
    if size == "month":
        return day.replace(day=calendar.monthrange(day.year, day.month)[1])
    return day + timedelta(days=6 - day.weekday()) if size == "week" else day
