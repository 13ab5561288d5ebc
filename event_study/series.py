"""Daily prices of many series as flat arrays, and what an event at any session of them would have earned.

All series lie one after the other, each without holes from its first to its last session: the position of a session is the
series' start plus the session's number. What a position held over some of these sessions earned is in event_study/holdings.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

CHUNK = 1_000_000


@dataclass(frozen=True)
class Rules:
    """How the build measured: its variables ``study``, in sessions, and ``cost_bps``, what a trade costs in hundredths of a
    percent of its value (dbt_project.yml)."""

    wait_sessions: int = 5
    estimation_first: int = 250
    estimation_last: int = 31
    estimation_minimum: int = 120
    suspect_jump: float = 3.0
    cost_bps: float = 10.0

    @property
    def before(self) -> int:
        """Sessions before an entry that may hold what led to the event: the estimation window ends before them."""
        return self.estimation_last - 1


@dataclass(frozen=True)
class Series:
    """Prices on one basis, with the benchmark of the series' market beside them, by position."""

    first: Integers
    """By series: the number of its first session; greater than ``last`` where it has no price."""
    last: Integers
    reached: Integers
    """By series: the number of the session to which the prices of its market reach."""
    calendar: Integers
    """By series: its exchange calendar. Session numbers can be compared within one."""
    day: npt.NDArray[np.int32]
    """By position: the session's place among ``days``."""
    days: npt.NDArray[np.datetime64]
    """Every date that is a session of any series, in order."""
    close: Floats
    open: Floats
    benchmark: Floats
    """The benchmark's close; missing where it is older than may be waited for."""
    benchmark_open: Floats
    following: Integers
    """By position: that of the next session with a price, itself included; -1 where that is too far off."""
    daily: Floats
    """The return since the session with a price before; missing where there is none."""
    daily_benchmark: Floats
    """The benchmark's over the same sessions."""
    span: npt.NDArray[np.int32]
    """How many sessions they are."""
    suspects: npt.NDArray[np.int32]
    """By position: how many jumps that no split explains the series has had by then. What goes over one is no return."""
    delistings: Integers
    """The positions of delistings with a known return, in order."""
    delisting_returns: Floats
    """Of each of them."""
    alpha: Floats | None = None
    """By position: the market model's for an entry there; None where it is not wanted."""
    beta: Floats | None = None
    rules: Rules = Rules()
    start: Integers = field(init=False)
    """By series: the position that session number 0 would have."""
    owner: npt.NDArray[np.int32] = field(init=False)
    """By position: its series."""

    def __post_init__(self) -> None:
        start, owner = layout(self.first, self.last)
        object.__setattr__(self, "start", start)
        object.__setattr__(self, "owner", owner)

    @property
    def weeks(self) -> Integers:
        """By position among ``days``: the number of its week, Mondays first."""
        return week_numbers(self.days)

    @property
    def ended(self) -> npt.NDArray[np.bool_]:
        """By series: whether it ends before its market does."""
        return self.last < self.reached

    def positions(self, series: Integers, numbers: Integers) -> Integers:
        """The position of session ``numbers`` of ``series``; -1 where the series has no such session."""
        there = series >= 0
        of = np.where(there, series, 0)
        there &= (numbers >= self.first[of]) & (numbers <= self.last[of])
        return np.where(there, self.start[of] + numbers, -1)

    def entries(self, series: Integers, numbers: Integers) -> Integers:
        """Where one who may trade ``series`` from session ``numbers`` on enters; -1 where there is no price in time.

        A first price that comes in time is waited for, too.
        """
        found = np.full(numbers.size, -1)
        asked = np.flatnonzero((series >= 0) & (numbers >= 0))
        of = series[asked]
        there = self.positions(of, np.maximum(numbers[asked], self.first[of]))
        asked, there = asked[there >= 0], there[there >= 0]
        entered = self.following[there]
        waited = entered - self.start[series[asked]] - numbers[asked]
        found[asked] = np.where(waited <= self.rules.wait_sessions, entered, -1)
        return found

    def opens(self, entries: Integers) -> npt.NDArray[np.bool_]:
        """Whether one enters at the open: where share and benchmark both have one."""
        return np.isfinite(self.open[entries]) & np.isfinite(self.benchmark_open[entries])

    def ends(self, entries: Integers) -> tuple[Integers, Floats]:
        """The last session at which each entry can be held, and the return of the delisting there; missing where none is known."""
        last = (self.start + self.last)[self.owner[entries]]
        if not self.delistings.size:
            return last, np.full(entries.size, np.nan)
        place = np.minimum(np.searchsorted(self.delistings, entries), self.delistings.size - 1)
        delisting = self.delistings[place]
        is_own = (delisting >= entries) & (delisting <= last)
        return np.where(is_own, delisting, last), np.where(is_own, self.delisting_returns[place], np.nan)

    @cached_property
    def running(self) -> tuple[Floats, Floats]:
        """Running sums, by series, of the daily returns of share and benchmark: differences of them are cumulated returns."""
        sums = np.empty_like(self.daily), np.empty_like(self.daily)
        for part in stretches(self.first, self.last):
            for total, values in zip(sums, (self.daily, self.daily_benchmark), strict=True):
                total[part] = np.nancumsum(values[part])
        return sums

    def chunks(self) -> Iterator[slice]:
        """All positions, some at a time."""
        for begin in range(0, self.close.size, CHUNK):
            yield slice(begin, min(begin + CHUNK, self.close.size))


def layout(first: Integers, last: Integers) -> tuple[Integers, npt.NDArray[np.int32]]:
    """By series: the position that session number 0 would have; by position: its series."""
    lengths = np.maximum(last - first + 1, 0)
    return np.cumsum(lengths) - lengths - first, np.repeat(np.arange(lengths.size, dtype=np.int32), lengths)


def stretches(first: Integers, last: Integers) -> Iterator[slice]:
    """The positions of each series that has any."""
    ends = np.cumsum(np.maximum(last - first + 1, 0)).tolist()
    for begin, end in zip([0, *ends], ends, strict=False):
        if end > begin:
            yield slice(begin, end)


@dataclass(frozen=True)
class Prices:
    """What is known of each session, by position (see ``Series``)."""

    close: Floats
    """Missing where there is no price."""
    open: Floats
    suspects: npt.NDArray[np.int32]
    benchmark: Floats
    """The benchmark's last close."""
    benchmark_open: Floats
    benchmark_age: Floats
    """How many sessions ago that was."""


def series_of(
    first: Integers,
    last: Integers,
    reached: Integers,
    calendar: Integers,
    dates: npt.NDArray[np.int32],
    prices: Prices,
    delistings: dict[int, float],
    rules: Rules,
) -> Series:
    """Everything that follows from the prices.

    Args:
        first: By series: the number of its first session with a price; greater than ``last`` where it has none.
        last: By series: that of its last one.
        reached: By series: that of the last session of its market's prices.
        calendar: By series: its exchange calendar.
        dates: By position: the session's date, as days since 1970.
        prices: By position.
        delistings: By position of a delisting: its return.
        rules: How returns are measured.
    """
    size = prices.close.size
    places = np.arange(size)
    priced = np.isfinite(prices.close)
    # A series begins and ends with a price: neither the last one nor the next one is another series'.
    latest = np.maximum.accumulate(np.where(priced, places, 0))
    following = np.minimum.accumulate(np.where(priced, places, size)[::-1])[::-1]
    following = np.where(following - places <= rules.wait_sessions, following, -1)
    begins = np.zeros(size, bool)
    begins[[part.start for part in stretches(first, last)]] = True
    before = latest[np.maximum(places - 1, 0)]
    del latest
    is_followed = priced & ~begins
    span = np.where(is_followed, places - before, 1).astype(np.int32)
    has_return = is_followed & (prices.suspects == prices.suspects[before])

    def daily(levels: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(has_return, levels / levels[before] - 1, np.nan)

    own, market = daily(prices.close), daily(prices.benchmark)
    is_fresh = prices.benchmark_age == 0
    serves = has_return & (span == 1) & is_fresh & is_fresh[before]
    del places
    alpha, beta = np.empty(size), np.empty(size)
    for part in stretches(first, last):
        alpha[part], beta[part] = market_model(own[part], market[part], serves[part], rules)
    earliest = dates.min(initial=np.iinfo(np.int32).max)
    is_session = np.bincount(dates - earliest) > 0
    ordered = sorted(delistings)
    return Series(
        first=first,
        last=last,
        reached=reached,
        calendar=calendar,
        day=(np.cumsum(is_session, dtype=np.int32) - 1)[dates - earliest],
        days=(np.flatnonzero(is_session) + earliest).astype("datetime64[D]"),
        close=prices.close,
        open=np.where(priced, prices.open, np.nan),
        # A benchmark's close is carried forward as long as a price is waited for.
        benchmark=np.where(prices.benchmark_age <= rules.wait_sessions, prices.benchmark, np.nan),
        benchmark_open=prices.benchmark_open,
        following=following,
        daily=own,
        daily_benchmark=market,
        span=span,
        suspects=prices.suspects,
        delistings=np.array(ordered, np.int64),
        delisting_returns=np.array([delistings[place] for place in ordered], float),
        alpha=alpha,
        beta=beta,
        rules=rules,
    )


def market_model(
    own: Floats, market: Floats, serves: npt.NDArray[np.bool_], rules: Rules
) -> tuple[Floats, Floats]:
    """By session of one series: alpha and beta of an entry there, from the sessions of the estimation window before it.

    Missing where too few sessions serve, and where the benchmark does not move.

    Args:
        own: The daily returns of the share.
        market: Those of its benchmark.
        serves: Which of them may serve.
        rules: From which to which session before the entry, and how many serve at least.
    """
    places = np.arange(own.size)
    after = np.maximum(places - rules.estimation_last + 1, 0)
    begin = np.maximum(places - rules.estimation_first, 0)

    def between(values: Floats) -> Floats:
        running = np.concatenate([[0.0], np.cumsum(np.where(serves, values, 0.0))])
        return running[after] - running[begin]

    n, r, m = between(np.ones(own.size)), between(own), between(market)
    rm, mm = between(own * market), between(market * market)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = n * mm - m * m
        beta = np.where((n >= rules.estimation_minimum) & (spread > 0), (n * rm - r * m) / spread, np.nan)
        return (r - beta * m) / n, beta


def week_numbers(dates: npt.NDArray[np.datetime64]) -> Integers:
    """The number of the week (from Monday) that each date is in."""
    # Day 0, the first of January 1970, was a Thursday.
    return (dates.astype("datetime64[D]").astype(np.int64) + 3) // 7


def from_matrix(returns: Floats, benchmark: Floats, days: npt.NDArray[np.datetime64] | None = None) -> Series:
    """Series without gaps from daily returns (by session and series), entered at the close.

    Args:
        returns: By session and series, close over the close before.
        benchmark: By session.
        days: The sessions' dates; None: weekdays.
    """
    sessions, count = returns.shape
    if days is None:
        days = np.busday_offset(np.datetime64("2000-01-03"), np.arange(sessions))
    market = np.tile(benchmark, count)
    own = np.ascontiguousarray(returns.T).ravel()
    nothing = np.full(own.size, np.nan)

    return Series(
        first=np.zeros(count, np.int64),
        last=np.full(count, sessions - 1),
        reached=np.full(count, sessions - 1),
        calendar=np.zeros(count, np.int64),
        day=np.tile(np.arange(sessions, dtype=np.int32), count),
        days=days,
        close=np.cumprod(1 + returns, axis=0).T.ravel(),
        open=nothing,
        benchmark=np.tile(np.cumprod(1 + benchmark), count),
        benchmark_open=nothing,
        following=np.arange(own.size),
        daily=own,
        daily_benchmark=market,
        span=np.ones(own.size, np.int32),
        suspects=np.zeros(own.size, np.int32),
        delistings=np.zeros(0, np.int64),
        delisting_returns=np.zeros(0),
    )
