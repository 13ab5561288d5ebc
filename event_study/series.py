"""Daily prices of many series as flat arrays, and what an event at any session of them would have earned.

All series lie one after the other, each without holes from its first to its last session: the position of a session is the
series' start plus the session's number. Returns follow the rules of marts.signal_returns; that both agree is tested.
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
class Estimation:
    """Running sums over the sessions whose returns may serve to estimate a market model, by position."""

    count: Floats
    r: Floats
    m: Floats
    rm: Floats
    mm: Floats


@dataclass(frozen=True)
class Series:
    """Prices on one basis, with the benchmark of the series' market beside them, by position."""

    start: Integers
    """By series: the position that session number 0 would have."""
    first: Integers
    """By series: the number of its first session; greater than ``last`` where it has no price."""
    last: Integers
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
    delisting: Floats
    """By series: the return after its last session, where it is known that and how it was delisted."""
    ended: npt.NDArray[np.bool_]
    """By series: whether it ends before its market does."""
    alpha: Floats | None = None
    """By position: the market model's for an entry there; None where it is not wanted."""
    beta: Floats | None = None
    rules: Rules = Rules()
    owner: npt.NDArray[np.int32] = field(init=False)
    """By position: its series."""

    def __post_init__(self) -> None:
        lengths = np.maximum(self.last - self.first + 1, 0)
        object.__setattr__(self, "owner", np.repeat(np.arange(lengths.size, dtype=np.int32), lengths))

    @property
    def weeks(self) -> Integers:
        """By position among ``days``: the number of its week, Mondays first."""
        return week_numbers(self.days)

    def positions(self, series: Integers, numbers: Integers) -> Integers:
        """The position of session ``numbers`` of ``series``; -1 where the series has no such session."""
        there = series >= 0
        of = np.where(there, series, 0)
        there &= (numbers >= self.first[of]) & (numbers <= self.last[of])
        return np.where(there, self.start[of] + numbers, -1)

    def entries(self, positions: Integers) -> Integers:
        """Where one who may trade from ``positions`` on enters: the next session with a price; -1 where there is none."""
        return np.where(positions >= 0, self.following[positions], -1)

    def opens(self, entries: Integers) -> npt.NDArray[np.bool_]:
        """Whether one enters at the open: where share and benchmark both have one."""
        return np.isfinite(self.open[entries]) & np.isfinite(self.benchmark_open[entries])

    def returns(self, entries: Integers, horizon: int, with_abnormal: bool = False) -> dict[str, Floats]:
        """What was earned from ``entries`` (none missing) to the close ``horizon`` sessions later.

        Args:
            entries: Positions with a price.
            horizon: Sessions between entry and exit.
            with_abnormal: Whether the market model's return is wanted too.

        Returns:
            By kind (`raw`, `adjusted`, `abnormal`), null where it cannot be computed.
        """
        end = (self.start + self.last)[self.owner[entries]]
        target = entries + horizon
        gone = target > end
        exits = np.where(gone, end, self.following[np.minimum(target, end)])
        there = exits >= 0
        exits = np.where(there, exits, entries)
        growth = np.where(gone, 1 + self.delisting[self.owner[entries]], 1.0)
        at_open = self.opens(entries)
        with np.errstate(divide="ignore", invalid="ignore"):
            paid = np.where(at_open, self.open[entries], self.close[entries])
            index_paid = np.where(at_open, self.benchmark_open[entries], self.benchmark[entries])
            trusted = there & (self.suspects[exits] == self.suspects[entries])
            trusted &= ~self._is_jump(self.close[entries], paid)
            trusted &= ~self._is_jump(self.benchmark[entries], index_paid)
            raw = np.where(trusted, growth * self.close[exits] / paid - 1, np.nan)
            market = self.benchmark[exits] / index_paid - 1
            result = {"raw": raw, "adjusted": raw - market}
            if with_abnormal and self.alpha is not None and self.beta is not None:
                alpha, beta = self.alpha[entries], self.beta[entries]
                own, index = self._running
                first_own = np.where(at_open, self.close[entries] / self.open[entries] - 1, 0.0)
                first_index = np.where(
                    at_open, self.benchmark[entries] / self.benchmark_open[entries] - 1, 0.0
                )
                own_sum = own[exits] - own[entries] + first_own + growth - 1
                index_sum = index[exits] - index[entries] + first_index
                sessions = exits - entries + at_open
                abnormal = own_sum - alpha * sessions - beta * index_sum
                result["abnormal"] = np.where(np.isfinite(result["adjusted"]), abnormal, np.nan)
        return result

    def _is_jump(self, prices: Floats, before: Floats) -> npt.NDArray[np.bool_]:
        """Whether something else than trading lies between two prices."""
        jump = self.rules.suspect_jump
        return (prices >= jump * before) | (before >= jump * prices)

    @cached_property
    def _running(self) -> tuple[Floats, Floats]:
        """Running sums of the daily returns of share and benchmark: differences of them are cumulated returns."""
        return np.nancumsum(self.daily), np.nancumsum(self.daily_benchmark)

    def chunks(self) -> Iterator[slice]:
        """All positions, some at a time."""
        for begin in range(0, self.close.size, CHUNK):
            yield slice(begin, min(begin + CHUNK, self.close.size))


def market_model(sums: Estimation, begin: Integers, entries: Integers, rules: Rules) -> tuple[Floats, Floats]:
    """Alpha and beta from the sessions of the estimation window before each entry; null where too few of them serve.

    Args:
        sums: Running sums by position.
        begin: By entry: the position of the first session of its series.
        entries: Positions.
        rules: From which to which session, and how many serve at least.
    """
    upper, lower = entries - rules.estimation_last, entries - rules.estimation_first - 1

    def between(running: Floats) -> Floats:
        high = np.where(upper >= begin, running[np.maximum(upper, begin)], 0.0)
        return high - np.where(lower >= begin, running[np.maximum(lower, begin)], 0.0)

    n, r, m, rm, mm = (between(running) for running in (sums.count, sums.r, sums.m, sums.rm, sums.mm))
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
    numbers = np.arange(count)

    return Series(
        start=numbers * sessions,
        first=np.zeros(count, np.int64),
        last=np.full(count, sessions - 1),
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
        delisting=np.full(count, np.nan),
        ended=np.zeros(count, bool),
    )
