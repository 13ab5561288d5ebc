"""Tests of a mean when neighbours in time and namesakes are not independent: plain numpy, many groups at once.

Every function takes arrays, not frames, and says what it refuses: where an estimator has nothing to stand on, the
result is null (NaN), never a number that looks like one.
"""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
from scipy import stats
from statsmodels.stats.multitest import multipletests

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

# Below so many clusters the sandwich estimator is known to be too small, and no correction rescues it.
MINIMUM_CLUSTERS = 20
# A long-run variance needs this many stretches of the length that it is meant to bridge.
MINIMUM_STRETCHES = 3
# Of every interval.
LEVEL = 0.95
SESSIONS_PER_WEEK = 5
BOOTSTRAP_DRAWS = 999
BOOTSTRAP_SEED = 20260101


@dataclass(frozen=True)
class MeanTests:
    """By group: the mean of its values, and what each way of counting independent observations makes of it."""

    n_events: Floats
    n_weeks: Floats
    n_issuers: Floats
    mean: Floats
    median: Floats
    share_positive: Floats
    t_naive: Floats
    t_week: Floats
    t_issuer: Floats
    t_two_way: Floats
    p_naive: Floats
    p_week: Floats
    p_issuer: Floats
    p_two_way: Floats
    week_low: Floats
    week_high: Floats

    def of(self, group: int) -> dict[str, float]:
        """One group's numbers by name."""
        return {field.name: float(getattr(self, field.name)[group]) for field in fields(self)}


def two_sided(t: npt.ArrayLike, degrees_of_freedom: npt.ArrayLike) -> Floats:
    """The chance of a t value at least so far from zero, either way."""
    return 2 * stats.t.sf(np.abs(t), degrees_of_freedom)


def _mask(values: Floats, keep: npt.NDArray[np.bool_]) -> Floats:
    return np.where(keep, values, np.nan)


@dataclass(frozen=True)
class Clusters:
    """Which values of a group belong together."""

    codes: Integers
    """By value: its cluster; those of different groups are different."""
    owners: Integers
    """By cluster: its group."""

    @classmethod
    def of(cls, groups: Integers, ids: Integers) -> "Clusters":
        """From each value's group and the number of what it shares with others (a week, an issuer), both from 0."""
        width = int(ids.max(initial=-1)) + 1
        present, codes = np.unique(groups * width + ids, return_inverse=True)
        return cls(codes, present // max(width, 1))

    def take(self, values: Integers) -> "Clusters":
        """The same clusters of some of the values."""
        return Clusters(self.codes[values], self.owners)

    def sums(self, deviations: Floats, n_groups: int) -> tuple[Floats, Floats, Floats]:
        """By group: the sum over its clusters of the squared sum of deviations, the clusters, and what they are worth.

        Clusters of unequal size are worth fewer equal ones: the square of the sum of sizes over the sum of their squares.
        """
        sums = np.bincount(self.codes, weights=deviations, minlength=self.owners.size)
        sizes = np.bincount(self.codes, minlength=self.owners.size).astype(float)

        def total(values: npt.NDArray) -> Floats:
            return np.bincount(self.owners, weights=values, minlength=n_groups)

        return total(sums * sums), total(sizes > 0), total(sizes) ** 2 / total(sizes * sizes)


@dataclass(frozen=True)
class Shared:
    """What values may share: the week, the issuer, and both."""

    weeks: Clusters
    issuers: Clusters
    pairs: Clusters

    @classmethod
    def of(cls, groups: Integers, weeks: Integers, issuers: Integers) -> "Shared":
        """From each value's group, week and issuer, all numbered from 0."""
        pairs = weeks * (int(issuers.max(initial=-1)) + 1) + issuers
        return cls(
            *(Clusters.of(groups, ids) for ids in (weeks, issuers, np.unique(pairs, return_inverse=True)[1]))
        )

    def take(self, values: Integers) -> "Shared":
        """The same of some of the values."""
        return Shared(self.weeks.take(values), self.issuers.take(values), self.pairs.take(values))


def mean_tests(
    values: Floats, shared: Shared, groups: Integers | None = None, n_groups: int = 1
) -> MeanTests:
    """Tests of each group's mean against zero.

    Clustered errors are those of a regression on a constant with the usual factor G / (G - 1). Their degrees of freedom
    are one less than the number of clusters of equal size that the clusters are worth: a hundred weeks of which one has a
    third of the events are no hundred weeks. Both ways (Cameron, Gelbach and Miller): week plus issuer less their
    intersection, with the degrees of freedom of the smaller side. A negative variance, or a side with fewer than 20
    clusters, gives null.

    Args:
        values: Returns, none missing.
        shared: What they may share.
        groups: Number of each value's group, from 0; None: all in one.
        n_groups: How many groups there are.
    """
    groups = np.zeros(values.size, np.int64) if groups is None else groups
    n = np.bincount(groups, minlength=n_groups).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(groups, weights=values, minlength=n_groups) / n
        deviations = values - mean[groups]
        squares = np.bincount(groups, weights=deviations * deviations, minlength=n_groups)
        by_week, n_weeks, worth_weeks = shared.weeks.sums(deviations, n_groups)
        by_issuer, n_issuers, worth_issuers = shared.issuers.sums(deviations, n_groups)
        by_pair, n_pairs, _ = shared.pairs.sums(deviations, n_groups)

        def variance(sums: Floats, clusters: Floats) -> Floats:
            return _mask(sums / n**2 * clusters / (clusters - 1), clusters > 1)

        def test(square: Floats, freedom: Floats, keep: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
            t = _mask(mean / np.sqrt(square), keep & (square > 0))
            return t, two_sided(t, freedom)

        naive = test(variance(squares, n), n - 1, n > 1)
        week_variance, issuer_variance = variance(by_week, n_weeks), variance(by_issuer, n_issuers)
        week = test(week_variance, worth_weeks - 1, n_weeks >= MINIMUM_CLUSTERS)
        issuer = test(issuer_variance, worth_issuers - 1, n_issuers >= MINIMUM_CLUSTERS)
        both = test(
            week_variance + issuer_variance - variance(by_pair, n_pairs),
            np.minimum(worth_weeks, worth_issuers) - 1,
            np.minimum(n_weeks, n_issuers) >= MINIMUM_CLUSTERS,
        )
        reach = _mask(
            stats.t.ppf(0.5 + LEVEL / 2, worth_weeks - 1) * np.sqrt(week_variance),
            n_weeks >= MINIMUM_CLUSTERS,
        )
        return MeanTests(
            n_events=n,
            n_weeks=n_weeks,
            n_issuers=n_issuers,
            mean=mean,
            median=medians(values, groups, n_groups),
            share_positive=np.bincount(groups, weights=values > 0, minlength=n_groups) / n,
            t_naive=naive[0],
            t_week=week[0],
            t_issuer=issuer[0],
            t_two_way=both[0],
            p_naive=naive[1],
            p_week=week[1],
            p_issuer=issuer[1],
            p_two_way=both[1],
            week_low=mean - reach,
            week_high=mean + reach,
        )


def medians(values: Floats, groups: Integers, n_groups: int) -> Floats:
    """The median of each group; null without values."""
    order = np.argsort(values, kind="stable")
    # Stable sorting of small integers costs next to nothing.
    order = order[np.argsort(groups[order].astype(np.int16), kind="stable")]
    counts = np.bincount(groups, minlength=n_groups)
    ends = np.cumsum(counts)
    lower, upper = ends - counts + (counts - 1) // 2, ends - counts + counts // 2
    result = np.full(n_groups, np.nan)
    some = counts > 0
    ordered = values[order]
    result[some] = (ordered[lower[some]] + ordered[upper[some]]) / 2
    return result


def effective_periods(days: Integers, horizon: int) -> float:
    """How many independent periods events whose windows overlap are worth, were what they share all there is.

    Two windows of ``horizon`` sessions that begin d sessions apart have 1 - d / horizon of their days in common. Taking that
    as their correlation, n windows say as much as n² / (sum of all pairs' shares) that do not overlap: one where all begin on
    one day, n where no two overlap, about the length of the calendar over the horizon where events are on every day.

    Args:
        days: The number of the session (or weekday) on which each window begins.
        horizon: Length of the windows in sessions.
    """
    if not days.size:
        return 0.0
    counts = np.bincount(days - days.min()).astype(float)
    reach = min(horizon, counts.size)
    shared = counts @ counts
    for distance in range(1, reach):
        shared += 2 * (1 - distance / horizon) * (counts[distance:] @ counts[:-distance])
    return float(days.size**2 / shared)


@dataclass(frozen=True)
class LongRun:
    """A mean over time with an error that allows for what neighbouring times share."""

    mean: float
    error: float
    t: float
    p: float
    periods: int
    degrees_of_freedom: float

    @property
    def interval(self) -> tuple[float, float]:
        """The interval of the mean that belongs to ``p``."""
        reach = stats.t.ppf(0.5 + LEVEL / 2, self.degrees_of_freedom) * self.error
        return float(self.mean - reach), float(self.mean + reach)


NOTHING = LongRun(np.nan, np.nan, np.nan, np.nan, 0, np.nan)


def newey_west(values: Floats, lag: int, active: npt.NDArray[np.bool_] | None = None) -> LongRun:
    """The mean of a series, with the error of Newey and West (Bartlett weights up to ``lag``).

    The plain estimator is too small in finite samples, and the normal distribution too narrow for it: with lag + 1 over
    length = b, its expectation is short by the factor 1 - b + b²/3 even for independent values, and it varies like a
    chi-square with 3 / (2 b) degrees of freedom. Both are corrected for, which gives the critical values of Kiefer and
    Vogelsang's fixed-b asymptotics to within two percent for b up to 0.2.

    Args:
        values: The series in the order of time.
        lag: The last lag that counts.
        active: Where there is a value; elsewhere the series only keeps the distance. None: everywhere.
    """
    active = np.isfinite(values) if active is None else active
    periods = int(active.sum())
    if periods < MINIMUM_STRETCHES * (lag + 1):
        return NOTHING
    mean = float(values[active].mean())
    deviations = np.where(active, values - mean, 0.0)
    long_run = float(deviations @ deviations)
    for distance in range(1, min(lag, deviations.size - 1) + 1):
        weight = 1 - distance / (lag + 1)
        long_run += 2 * weight * float(deviations[distance:] @ deviations[:-distance])
    share = (lag + 1) / periods
    freedom = 1.5 / share
    error = np.sqrt(long_run / (1 - share + share * share / 3)) / periods
    if not error > 0:
        return NOTHING
    return LongRun(
        mean, float(error), mean / error, float(two_sided(mean / error, freedom)), periods, freedom
    )


def block_bootstrap(
    week_sums: Floats,
    week_counts: Floats,
    block: int,
    draws: int = BOOTSTRAP_DRAWS,
    seed: int = BOOTSTRAP_SEED,
) -> tuple[float, float]:
    """An interval for the mean per event from drawing whole blocks of consecutive weeks (circular, with replacement).

    The interval is the mean plus and minus the draws' standard deviation times the quantile of t with (number of blocks - 1)
    degrees of freedom. The percentiles of the draws themselves are too narrow with few blocks, as at long horizons there
    always are. With fewer than three blocks there is none.

    Args:
        week_sums: The sum of the returns of each week's events, every week of the calendar in its place.
        week_counts: The number of each week's events.
        block: Weeks in a block; no shorter than the horizon.
        draws: How many calendars to draw.
        seed: Of the draws, fixed: the same returns give the same interval.
    """
    weeks = week_sums.size
    blocks = -(-weeks // block) if weeks else 0
    if weeks < MINIMUM_STRETCHES * block:
        return np.nan, np.nan
    sums = np.concatenate([[0.0], np.cumsum(np.concatenate([week_sums, week_sums[: block - 1]]))])
    counts = np.concatenate([[0.0], np.cumsum(np.concatenate([week_counts, week_counts[: block - 1]]))])
    starts = np.random.default_rng(seed).integers(0, weeks, (draws, blocks))
    drawn_counts = (counts[starts + block] - counts[starts]).sum(axis=1)
    drawn_sums = (sums[starts + block] - sums[starts]).sum(axis=1)
    some = drawn_counts > 0
    if some.sum() < 0.9 * draws:
        return np.nan, np.nan
    mean = week_sums.sum() / week_counts.sum()
    # Around the sample's own mean: a draw with few events is no further off than its sum is.
    spread = (drawn_sums[some] - mean * drawn_counts[some]).std(ddof=1) / week_counts.sum()
    reach = stats.t.ppf(0.5 + LEVEL / 2, weeks / block - 1) * spread * np.sqrt(blocks / (blocks - 1))
    return float(mean - reach), float(mean + reach)


def block_of(horizon: int) -> int:
    """The weeks that a window of ``horizon`` sessions can touch; a block of the bootstrap is no shorter."""
    return -(-horizon // SESSIONS_PER_WEEK) + 1


def false_discovery(p_values: Floats, dependent: bool) -> Floats:
    """Each test's q value: the share of false alarms among what is called significant at its level, at most.

    Args:
        p_values: Of all tests shown; missing ones are no tests and stay missing.
        dependent: Whether the tests may depend on each other in any way (Benjamini and Yekutieli); otherwise independent
            or positively dependent (Benjamini and Hochberg).
    """
    q = np.full(p_values.size, np.nan)
    tests = np.isfinite(p_values)
    if tests.any():
        q[tests] = multipletests(p_values[tests], method="fdr_by" if dependent else "fdr_bh")[1]
    return q
