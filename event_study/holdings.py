"""What positions earned from their entries to the ends of their horizons: the one place that measures it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from event_study.series import Floats, Integers, Series

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Holdings:
    """Positions of one horizon: every array has a value for each of them.

    A position is left at the close of the session that its horizon ends with, or of the next one with a price; at its delisting
    where that comes first. One whose prices ended before, and nobody said why, has vanished, once the market's prices reach
    further than it would have waited.
    """

    series: Series
    entries: Integers
    horizon: int
    exits: Integers
    """The position of the exit, and of the last price where there is no exit."""
    at_delisting: Floats
    """The return of the delisting; 0 where none ends the position."""
    has_exit: Flags
    is_delisted: Flags
    is_waiting: Flags
    """Whether the market's prices do not reach far enough yet for an exit."""
    is_vanished: Flags
    at_open: Flags
    paid: Floats
    benchmark_paid: Floats
    is_suspect: Flags
    """Whether a price that no split explains lies between entry and exit."""

    @classmethod
    def of(cls, series: Series, entries: Integers, horizon: int) -> "Holdings":
        """Positions entered at ``entries`` (positions with a price, none missing) for ``horizon`` sessions."""
        owner = series.owner[entries]
        ends, delisting = series.ends(entries)
        target = entries + horizon
        is_over = target > ends
        exits = np.where(is_over, ends, series.following[np.minimum(target, ends)])
        is_delisted = is_over & np.isfinite(delisting)
        has_exit = (exits >= 0) & (is_delisted | ~is_over)
        exits = np.where(exits >= 0, exits, entries)
        reaches = target - series.start[owner] + series.rules.wait_sessions <= series.reached[owner]
        at_open = series.opens(entries)
        paid = np.where(at_open, series.open[entries], series.close[entries])
        benchmark_paid = np.where(at_open, series.benchmark_open[entries], series.benchmark[entries])
        is_suspect = (
            (series.suspects[exits] != series.suspects[entries])
            | _is_jump(series.close[entries], paid, series.rules.suspect_jump)
            | _is_jump(series.benchmark[entries], benchmark_paid, series.rules.suspect_jump)
        )
        return cls(
            series=series,
            entries=entries,
            horizon=horizon,
            exits=exits,
            at_delisting=np.where(is_delisted, delisting, 0.0),
            has_exit=has_exit,
            is_delisted=is_delisted,
            is_waiting=~has_exit & ~reaches,
            is_vanished=is_over & ~is_delisted & reaches,
            at_open=at_open,
            paid=paid,
            benchmark_paid=benchmark_paid,
            is_suspect=is_suspect,
        )

    @cached_property
    def growth(self) -> Floats:
        """The last price over the price of the entry; missing where a price between them is suspect."""
        return np.where(self.is_suspect, np.nan, self.series.close[self.exits] / self.paid)

    @cached_property
    def raw(self) -> Floats:
        """Return on adjusted prices, with that of the delisting."""
        return np.where(self.has_exit, self.growth * (1 + self.at_delisting) - 1, np.nan)

    @cached_property
    def benchmark(self) -> Floats:
        """The benchmark's return over the same sessions, to the last price where there is no exit."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.series.benchmark[self.exits] / self.benchmark_paid - 1

    @cached_property
    def adjusted(self) -> Floats:
        """``raw`` less the benchmark."""
        return self.raw - self.benchmark

    def adjusted_if_lost(self, share: float) -> Floats:
        """``adjusted``, if whoever was delisted or vanished had lost so much of the last price."""
        is_gone = self.is_delisted | self.is_vanished
        return np.where(is_gone, self.growth * (1 - share) - 1, self.raw) - self.benchmark

    @cached_property
    def abnormal(self) -> Floats:
        """Sum of the returns less what the market model expects of each. On the session of an entry at the open, what came after it."""
        series, entries, exits = self.series, self.entries, self.exits
        if series.alpha is None or series.beta is None:
            return np.full(entries.size, np.nan)
        own, benchmark = series.running
        with np.errstate(divide="ignore", invalid="ignore"):
            own_first = np.where(self.at_open, series.close[entries] / self.paid - 1, 0.0)
            benchmark_first = np.where(self.at_open, series.benchmark[entries] / self.benchmark_paid - 1, 0.0)
        own_sum = own[exits] - own[entries] + own_first + self.at_delisting
        benchmark_sum = benchmark[exits] - benchmark[entries] + benchmark_first
        sessions = exits - entries + self.at_open
        expected = series.alpha[entries] * sessions + series.beta[entries] * benchmark_sum
        return np.where(np.isfinite(self.adjusted), own_sum - expected, np.nan)


def _is_jump(prices: Floats, before: Floats, jump: float) -> Flags:
    """Whether something else than trading lies between two prices."""
    return (prices >= jump * before) | (before >= jump * prices)
