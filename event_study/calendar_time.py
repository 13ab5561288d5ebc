"""The calendar-time portfolio: on each day, the mean over all events held on it; one series, so no event counts twice."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from event_study.partitions import Partition
from event_study.series import Floats, Integers, Series

LOSSES: dict[str, float | None] = {
    "adjusted": None,
    "adjusted_delisting_30": -0.3,
    "adjusted_delisting_100": -1.0,
}


@dataclass(frozen=True)
class Portfolio:
    """Daily returns of one group's portfolio of one return kind; null on days without anything held."""

    group: int
    horizon: int
    return_kind: str
    returns: Floats
    """From the first to the last day with something held."""
    span: int
    """The days that ``horizon`` sessions can take at most: sessions of other markets lie between."""


def portfolios(
    series: Series,
    entries: Integers,
    partition: Partition,
    horizons: Sequence[int],
    cost: float,
) -> Iterator[Portfolio]:
    """Equal-weighted portfolios that hold each event from its entry for a horizon, a group and a return kind at a time.

    An event that leaves the market within its horizon brings its delisting return (0 where none is known) on the day after.

    Args:
        series: The prices.
        entries: By event: the position of its entry; -1 where there is none.
        partition: The groups.
        horizons: Sessions to hold.
        cost: Of a trade, as a share of its value; spread over the holding for the net return.
    """
    days, groups = series.days.size, len(partition.labels)
    held = (entries >= 0) & (partition.codes >= 0)
    entries, codes = entries[held], partition.codes[held]
    owner = series.owner[entries]
    end, delisting = series.ends(entries)
    alpha = None if series.alpha is None else series.alpha[entries]
    beta = None if series.beta is None else series.beta[entries]
    at_open = series.opens(entries)
    cells = groups * days
    sums: dict[str, Floats] = {}
    counts: dict[str, Floats] = {}

    def add(kind: str, values: Floats, where: Integers) -> None:
        known = np.isfinite(values)
        sums[kind] = sums.get(kind, 0) + np.bincount(where[known], weights=values[known], minlength=cells)
        counts[kind] = counts.get(kind, 0) + np.bincount(where[known], minlength=cells)

    for offset in range(max(horizons, default=0) + 1):
        inside = entries + offset <= end
        if offset == 0:
            inside &= at_open
        here = np.flatnonzero(inside)
        at = entries[here] + offset
        if offset == 0:
            own = series.close[at] / series.open[at] - 1
            market = series.benchmark[at] / series.benchmark_open[at] - 1
            span = np.ones(here.size)
        else:
            own, market, span = series.daily[at], series.daily_benchmark[at], series.span[at]
        where = codes[here] * days + series.day[at]
        add("raw", own, where)
        for kind in LOSSES:
            add(kind, own - market, where)
        if alpha is not None and beta is not None:
            add("abnormal", own - alpha[here] * span - beta[here] * market, where)
        gone = np.flatnonzero(entries + offset == end + 1)
        if gone.size:
            after = np.minimum(series.day[end[gone]] + 1, days - 1)
            where = codes[gone] * days + after
            for kind, lost in LOSSES.items():
                known = delisting[gone]
                values = known if lost is None else np.where(series.ended[owner[gone]], lost, np.nan)
                add(kind, values, where)
                if kind == "adjusted":
                    add("raw", values, where)
                    if alpha is not None:
                        add("abnormal", np.where(np.isfinite(alpha[gone]), values, np.nan), where)
        if offset in horizons:
            span_days = _longest(series, entries, end, offset)
            yield from _snapshot(sums, counts, groups, days, offset, cost, span_days)


def _longest(series: Series, entries: Integers, end: Integers, horizon: int) -> int:
    if not entries.size:
        return horizon
    exits = np.minimum(entries + horizon, end)
    return max(horizon, int((series.day[exits] - series.day[entries]).max()))


def _snapshot(
    sums: Mapping[str, Floats],
    counts: Mapping[str, Floats],
    groups: int,
    days: int,
    horizon: int,
    cost: float,
    span: int,
) -> Iterator[Portfolio]:
    for kind in [*sums, "net"]:
        source = "adjusted" if kind == "net" else kind
        count = counts[source].reshape(groups, days)
        with np.errstate(divide="ignore", invalid="ignore"):
            returns = sums[source].reshape(groups, days) / count
        if kind == "net":
            returns = returns - 2 * cost / horizon
        for group in range(groups):
            active = np.flatnonzero(count[group] > 0)
            if active.size:
                yield Portfolio(group, horizon, kind, returns[group, active[0] : active[-1] + 1], span)
