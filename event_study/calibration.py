"""Are the estimators right? Markets whose truth is known, drawn from fixed seeds, decide.

In half of the markets an effect is planted after the events, in the other half nothing; in all of them events come in
bunches, those of a week share a shock, and prices run up before an event is known. The intervals have to cover what was
planted as often as they say, the tests to raise a false alarm as often as they say, and the placebo percentiles to be uniform.
"""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from os import cpu_count

import numpy as np
from scipy import stats

from event_study import estimators, placebo
from event_study.calendar_time import portfolios
from event_study.holdings import Holdings
from event_study.partitions import Partition
from event_study.series import Series, from_matrix
from sandbox.market import Market, simulate

SEEDS = 1000
LEVEL = 0.05
SHORT, LONG = 5, 21
# The markets with nothing planted are others than those with an effect.
UNPLANTED_SEEDS = 1_000_000
COVERAGE = (0.93, 0.97)
FALSE_ALARMS = (0.035, 0.065)
UNIFORM_P = 0.01
BINS = 10
BLOCK = 25


@dataclass(frozen=True)
class Result:
    """One number of the calibration with the bounds it has to keep; no bounds where it is shown for comparison."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None

    @property
    def holds(self) -> bool:
        """Whether it is within its bounds."""
        return (self.low is None or self.value >= self.low) and (self.high is None or self.value <= self.high)


@dataclass(frozen=True)
class Sample:
    """What the study sees of a simulated market."""

    series: Series
    owners: np.ndarray
    numbers: np.ndarray
    entries: np.ndarray
    weeks: np.ndarray
    all: Partition

    @classmethod
    def of(cls, market: Market) -> "Sample":
        """From a market's returns and events."""
        series = from_matrix(market.returns, market.benchmark)
        owners, numbers = market.events["issuer"], market.events["entry_session"]
        entries = series.positions(owners, numbers)
        everything = Partition("event_kind", [("event", "event")], np.zeros(owners.size, np.int64))
        return cls(series, owners, numbers, entries, market.weeks[numbers], everything)

    def adjusted(self, horizon: int) -> np.ndarray:
        """Each event's return less the benchmark's."""
        return Holdings.of(self.series, self.entries, horizon).adjusted

    def tests(self, horizon: int) -> dict[str, float]:
        """The tests of the mean."""
        shared = estimators.Shared.of(self.all.codes, self.weeks, self.owners)
        return estimators.mean_tests(self.adjusted(horizon), shared).of(0)

    def interval(self, horizon: int) -> tuple[float, float]:
        """The block bootstrap's."""
        first = self.weeks.min()
        values = self.adjusted(horizon)
        sums = np.bincount(self.weeks - first, weights=values)
        counts = np.bincount(self.weeks - first).astype(float)
        return estimators.block_bootstrap(sums, counts, estimators.block_of(horizon))

    def calendar_p(self, horizon: int) -> float:
        """The calendar-time portfolio's."""
        for portfolio in portfolios(self.series, self.entries, self.all, [horizon], 0.0):
            if portfolio.return_kind == "adjusted":
                return estimators.newey_west(portfolio.returns, portfolio.span).p
        return np.nan

    def percentile(self, horizon: int) -> float:
        """The placebo percentile."""
        outcomes = placebo.outcomes(self.series, horizon, self.entries, ["adjusted"])
        draws = placebo.offsets(self.series, horizon)
        positions = placebo.shifted(self.series, self.owners, self.numbers, draws)
        true = self.adjusted(horizon)
        quiet = placebo.Quiet.of(self.series, outcomes["adjusted"], horizon)
        reuse = quiet.reuse(self.owners, np.isfinite(true), [self.all])
        grouped = placebo.Grouped([self.all], self.weeks)
        places = placebo.percentiles(outcomes, positions, {"adjusted": true}, grouped, {"adjusted": reuse})
        return float(places["adjusted"][0])


def planted(seed: int) -> dict[str, float]:
    """What one market with an effect shows."""
    market = simulate(seed)
    sample = Sample.of(market)
    tests = sample.tests(SHORT)
    low, high = sample.interval(LONG)
    transactions = sample.series.positions(sample.owners, market.events["transaction_session"])
    ahead = Holdings.of(sample.series, transactions, SHORT).adjusted
    return {
        "covered": tests["week_low"] <= market.planted <= tests["week_high"],
        "covered_long": low <= market.planted <= high,
        "found": tests["p_week"] < LEVEL,
        "illusion": float(np.nanmean(ahead)) - tests["mean"],
    }


def unplanted(seed: int) -> dict[str, float]:
    """What one market with nothing to find shows."""
    sample = Sample.of(simulate(UNPLANTED_SEEDS + seed, effect=0.0))
    short, long = sample.tests(SHORT), sample.tests(LONG)
    return {
        "week": short["p_week"] < LEVEL,
        "naive": short["p_naive"] < LEVEL,
        "issuer": short["p_issuer"] < LEVEL,
        "two_way": short["p_two_way"] < LEVEL,
        "calendar": sample.calendar_p(LONG) < LEVEL,
        "naive_long": long["p_naive"] < LEVEL,
        "percentile": sample.percentile(SHORT),
        "percentile_long": sample.percentile(LONG),
    }


def _block(seeds: Sequence[int]) -> list[dict[str, float]]:
    return [planted(seed) | unplanted(seed) for seed in seeds]


def calibrate(seeds: int = SEEDS, processes: int | None = None) -> list[Result]:
    """Every number of the calibration, from seeds 0 to ``seeds`` - 1 (other ones for the markets without an effect)."""
    blocks = [range(begin, min(begin + BLOCK, seeds)) for begin in range(0, seeds, BLOCK)]
    processes = min(processes or cpu_count() or 1, len(blocks))
    if processes > 1:
        with ProcessPoolExecutor(processes) as pool:
            outcomes = [outcome for block in pool.map(_block, blocks) for outcome in block]
    else:
        outcomes = [outcome for block in map(_block, blocks) for outcome in block]
    return judge(outcomes)


def judge(outcomes: Sequence[dict[str, float]]) -> list[Result]:
    """The numbers over all markets, with the bounds of issue and method."""

    def share(name: str) -> float:
        return float(np.mean([outcome[name] for outcome in outcomes]))

    week = share("week")
    return [
        Result(f"95 % interval of the mean at {SHORT} sessions covers what was planted", share("covered"), *COVERAGE),
        Result(f"false alarms, clustered by week, {SHORT} sessions", week, *FALSE_ALARMS),
        Result(f"false alarms, calendar-time portfolio, {LONG} sessions", share("calendar"), *FALSE_ALARMS),
        Result(f"false alarms of the naive test less those by week, {SHORT} sessions", share("naive") - week, 0.01),
        Result(f"placebo percentiles uniform, {SHORT} sessions (p of chi-square)", uniformity(outcomes, "percentile"), UNIFORM_P),
        Result(f"placebo percentiles uniform, {LONG} sessions (p of chi-square)", uniformity(outcomes, "percentile_long"), UNIFORM_P),
        Result(f"for comparison: false alarms, naive, {SHORT} sessions", share("naive")),
        Result(f"for comparison: false alarms, naive, {LONG} sessions", share("naive_long")),
        Result(f"for comparison: false alarms, clustered by issuer, {SHORT} sessions", share("issuer")),
        Result(f"for comparison: false alarms, clustered both ways, {SHORT} sessions", share("two_way")),
        Result(f"for comparison: block bootstrap at {LONG} sessions covers what was planted", share("covered_long")),
        Result(f"for comparison: planted effect found at 5 %, {SHORT} sessions", share("found")),
        Result(f"for comparison: mean illusion of entry at the transaction, {SHORT} sessions", share("illusion")),
    ]  # fmt: skip


def uniformity(outcomes: Sequence[dict[str, float]], name: str) -> float:
    """How likely percentiles are as uneven as these if every tenth of their range is equally likely; 0 where one is missing."""
    values = np.array([outcome[name] for outcome in outcomes])
    if not np.isfinite(values).all():
        return 0.0
    counts = np.histogram(values, bins=BINS, range=(0.0, 1.0))[0]
    return float(stats.chisquare(counts).pvalue)
