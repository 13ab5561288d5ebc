"""Placebo: the whole calendar of events shifted by common offsets. What the same issuers, as bunched as they were, earn at
times at which nothing happened."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from scipy import sparse

from event_study.estimators import MINIMUM_CLUSTERS
from event_study.holdings import Holdings
from event_study.partitions import Partition
from event_study.series import Floats, Integers, Series

DRAWS = 199
# Bounds the memory.
DRAWS_AT_ONCE = 40
SEED = 20260102
# A shifted calendar of which less than this share of the events is left is another calendar.
LEAST_LEFT = 0.25
# Nor are shifts that have more than this share of their variance in common many draws.
MOST_REUSED = 0.5
# So many shifted calendars at least make a distribution.
LEAST_DRAWS = 99


def offsets(series: Series, longest: int, draws: int = DRAWS, seed: int = SEED) -> Integers:
    """Common shifts in sessions, each once, none so small that an event meets its own window; the same for every run."""
    near = series.rules.before + longest
    far = np.arange(near + 1, calendar_length(series) - near)
    return np.sort(np.random.default_rng(seed).permutation(far)[:draws])


def blocked(series: Series, owners: Integers, entries: Integers, horizon: int) -> np.ndarray:
    """By position: whether a window of ``horizon`` sessions from it meets a true one of the same series, with what led to it.

    Args:
        series: The prices.
        owners: By true event: its series.
        entries: By true event: the position of its entry.
        horizon: Sessions between entry and exit.
    """
    begin, end = (series.start + series.first)[owners], (series.start + series.last)[owners]
    steps = np.zeros(series.close.size + 1, np.int32)
    np.add.at(steps, np.maximum(entries - series.rules.before - horizon, begin), 1)
    np.add.at(steps, np.minimum(entries + horizon, end) + 1, -1)
    return np.cumsum(steps[:-1]) > 0


def outcomes(series: Series, horizon: int, true_entries: Integers, kinds: Sequence[str]) -> dict[str, Floats]:
    """By return kind and position: what an event tradable from there would earn; null where it meets a true window."""
    true_entries = true_entries[true_entries >= 0]
    closed = blocked(series, series.owner[true_entries], true_entries, horizon)
    result = {kind: np.full(series.close.size, np.nan) for kind in kinds}
    for part in series.chunks():
        entries = series.following[part]
        here = np.flatnonzero((entries >= 0) & ~closed[part])
        held = Holdings.of(series, entries[here], horizon)
        for kind in kinds:
            result[kind][part.start + here] = getattr(held, kind)
    return result


@dataclass(frozen=True)
class Quiet:
    """How much time there is to shift events to."""

    places: Floats
    """By series: the sessions from which a shifted event could be traded."""
    overlap: Floats
    """By series: the share of its sessions that a window from one of them has in common with one from another, in the mean."""

    @classmethod
    def of(cls, series: Series, outcome: Floats, horizon: int) -> "Quiet":
        """From the outcomes by position."""
        open_places = np.isfinite(outcome)
        count = series.start.size
        places = np.bincount(series.owner, weights=open_places, minlength=count)
        # The sum over all sessions of the squared number of windows over it counts each pair's common sessions.
        windows = np.cumsum(open_places, dtype=np.int32)
        windows[horizon:] -= windows[:-horizon].copy()
        shared = np.bincount(series.owner, weights=windows.astype(float) ** 2, minlength=count)
        with np.errstate(divide="ignore", invalid="ignore"):
            return cls(places, np.where(places > 0, shared / (horizon * places**2), 0.0))

    def reuse(self, owners: Integers, priced: np.ndarray, partitions: Sequence[Partition]) -> Floats:
        """By group: how much of the variance of a draw's mean all draws have in common, as they use the same quiet sessions.

        Args:
            owners: By event: its series, or -1.
            priced: By event: whether it has a return.
            partitions: The groups.
        """
        shares = []
        for partition in partitions:
            chosen = np.flatnonzero(priced & (owners >= 0) & (partition.codes >= 0))
            pairs, counts = np.unique(
                partition.codes[chosen] * self.places.size + owners[chosen], return_counts=True
            )
            of = pairs % self.places.size
            left = counts * self.places[of]
            groups, size = pairs // self.places.size, len(partition.labels)
            total = np.bincount(groups, weights=left, minlength=size)
            longest = self.places.max(initial=1)
            with np.errstate(divide="ignore", invalid="ignore"):
                shares.append(
                    np.bincount(groups, weights=left**2 * self.overlap[of], minlength=size) / total / longest
                )
        return np.concatenate(shares)


class Grouped:
    """Means and week-clustered errors of all groups of several partitions, for many draws at once.

    A group's cluster is the true week of its events: events that came together stay together wherever they are shifted to.
    """

    def __init__(self, partitions: Sequence[Partition], weeks: Integers) -> None:
        _, weeks = np.unique(weeks, return_inverse=True)
        width = int(weeks.max(initial=-1)) + 1
        rows, columns, first = [], [], 0
        for partition in partitions:
            chosen = np.flatnonzero(partition.codes >= 0)
            rows.append((first + partition.codes[chosen]) * width + weeks[chosen])
            columns.append(chosen)
            first += len(partition.labels)
        cells, codes = np.unique(np.concatenate(rows), return_inverse=True)
        columns = np.concatenate(columns)
        self._cells = sparse.csr_array(
            (np.ones(codes.size), (codes, columns)), shape=(cells.size, weeks.size)
        )
        owner = cells // width if width else cells
        self._groups = sparse.csr_array(
            (np.ones(cells.size), (owner, np.arange(cells.size))), shape=(first, cells.size)
        )

    def __call__(self, values: Floats) -> "Means":
        """By group and draw, from values by event and draw (missing ones are left out)."""
        known = np.isfinite(values)
        sums, counts = self._cells @ np.where(known, values, 0.0), self._cells @ known.astype(float)
        n, clusters = self._groups @ counts, self._groups @ (counts > 0).astype(float)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = (self._groups @ sums) / n
            squares = (
                self._groups @ (sums * sums)
                - 2 * mean * (self._groups @ (sums * counts))
                + mean * mean * (self._groups @ (counts * counts))
            )
            error = np.sqrt(np.maximum(squares, 0.0) * clusters / (clusters - 1)) / n
        return Means(mean, np.where(clusters >= MINIMUM_CLUSTERS, error, np.nan), n)


@dataclass(frozen=True)
class Means:
    """By group and draw."""

    mean: Floats
    error: Floats
    n: Floats


def shifted(series: Series, owners: Integers, numbers: Integers, draws: Integers) -> Iterator[Integers]:
    """By draw: the position from which each event would be tradable; those shifted over the end begin anew at the start.

    Args:
        series: The prices.
        owners: By event: its series, or -1.
        numbers: By event: the session from which it is tradable.
        draws: The offsets.
    """
    low, high = _bounds(series)
    calendar = series.calendar[np.maximum(owners, 0)]
    begin, length = low[calendar], np.maximum(high[calendar] - low[calendar] + 1, 1)
    for offset in draws:
        yield series.positions(owners, begin + (numbers - begin + offset) % length)


def calendar_length(series: Series) -> int:
    """Sessions of the longest calendar on which there are prices."""
    low, high = _bounds(series)
    return int((high - low + 1).max(initial=0))


def _bounds(series: Series) -> tuple[Integers, Integers]:
    """By calendar: the first and the last session with a price; an empty range where there is none."""
    priced = series.last >= series.first
    size = int(series.calendar.max(initial=0)) + 1
    low, high = np.full(size, np.iinfo(np.int64).max // 2), np.full(size, -1)
    np.minimum.at(low, series.calendar[priced], series.first[priced])
    np.maximum.at(high, series.calendar[priced], series.last[priced])
    return low, high


def percentiles(
    outcomes: Mapping[str, Floats],
    positions: Iterator[Integers],
    true: Mapping[str, Floats],
    grouped: Grouped,
    reuse: Mapping[str, Floats],
) -> dict[str, Floats]:
    """By return kind and group: the place of the true mean among those of the shifted calendars, between 0 and 1.

    Means are compared by their distance from the mean of all shifts, in units of their own week-clustered error: events
    may share shocks that other times do not have, and a shifted calendar has lost some events; both change how far a mean
    strays, and the error with it. Shifts draw on the same few quiet sessions, so they stray less from their own mean than
    the true events, which are no part of them: their distances are widened by as much.

    Args:
        outcomes: By return kind and position: what an event tradable from there would earn.
        positions: By draw and event: from where it would be tradable.
        true: By return kind and event: what it earned; those without a value are in no draw.
        grouped: The groups.
        reuse: By return kind and group: the share of the variance of a shift's mean that all shifts have in common.
    """
    draws: dict[str, list[Means]] = {kind: [] for kind in outcomes}
    while block := list(islice(positions, DRAWS_AT_ONCE)):
        at = np.stack(block, axis=1)
        for kind, outcome in outcomes.items():
            draws[kind].append(grouped(_drawn(outcome, at, true[kind])))
    return {kind: _places(grouped(true[kind][:, None]), draws[kind], reuse[kind]).place for kind in outcomes}


@dataclass(frozen=True)
class Placed:
    """Where the true means lie among those of the shifted calendars."""

    place: Floats
    """By group: between 0 and 1; null where there are too few shifted means."""
    shifted: Floats
    """By group and draw: the shifted mean on the scale of the true one, so that the share below it is its place; null where unusable."""


def distribution(
    outcome: Floats, positions: Iterator[Integers], true: Floats, grouped: Grouped, reuse: Floats
) -> Placed:
    """The places with the shifted means that they are found among; the arguments are those of ``percentiles``, of one return kind."""
    draws: list[Means] = []
    while block := list(islice(positions, DRAWS_AT_ONCE)):
        draws.append(grouped(_drawn(outcome, np.stack(block, axis=1), true)))
    return _places(grouped(true[:, None]), draws, reuse)


def _drawn(outcome: Floats, at: Integers, true: Floats) -> Floats:
    """By event and draw: what it would earn there; those without a true value are in no draw."""
    values = outcome[at]
    values[(at < 0) | ~np.isfinite(true)[:, None]] = np.nan
    return values


def _places(reference: Means, draws: Sequence[Means], reuse: Floats) -> Placed:
    mean, error, n = (
        np.concatenate([getattr(draw, name) for draw in draws], axis=1) for name in ("mean", "error", "n")
    )
    usable = np.isfinite(error) & (error > 0) & (n >= LEAST_LEFT * reference.n)
    valid = usable.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        center = np.where(usable, mean, 0.0).sum(axis=1, keepdims=True) / valid[:, None]
        noise = np.where(usable, error**2, 0.0).sum(axis=1, keepdims=True) / valid[:, None]
        widening = np.sqrt((1 + reuse[:, None] * noise / reference.error**2) / (1 - reuse[:, None]))
        place = (reference.mean - center) / reference.error
        distance = widening * (mean - center) / error
        below = (usable & (distance < place)).sum(axis=1)
        enough = (valid >= LEAST_DRAWS) & (reuse < MOST_REUSED) & np.isfinite(place[:, 0])
        return Placed(
            np.where(enough, (below + 0.5) / (valid + 1), np.nan),
            np.where(usable & enough[:, None], center + distance * reference.error, np.nan),
        )
