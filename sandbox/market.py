"""A seeded model of daily returns with a planted effect after events: what a study of events has to find again.

    market = simulate(seed=1)                # an effect of 2 % in the 5 sessions after entry
    market = simulate(seed=1, effect=0.0)    # nothing to find, but the run-up before and the common shocks stay

Sessions are numbered from 0; an event is a transaction, the session on which it becomes known, and the next
session, the first on which somebody can act on it: the entry.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

EVENT = np.dtype(
    [
        ("issuer", np.int64),
        ("transaction_session", np.int64),
        ("available_session", np.int64),
        ("entry_session", np.int64),
    ]
)
SESSIONS_PER_WEEK = 5


@dataclass(frozen=True, kw_only=True)
class Model:
    """The numbers of the model; all returns are simple, of one session, close over the close before."""

    issuers: int = 100
    sessions: int = 756
    events_per_issuer: float = 6.0
    """Mean of a Poisson distribution; fewer where no more find room."""
    effect: float = 0.02
    """What an issuer earns above the benchmark, in the mean, from entry to ``effect_sessions`` sessions later."""
    effect_sessions: int = 5
    run_up: float = 0.05
    """The same for the ``run_up_sessions`` sessions that end with the one on which the event becomes known."""
    run_up_sessions: int = 5
    weekly_shock: float = 0.01
    """Standard deviation of what all events with entry in one week have in common, in their effect's sessions."""
    market_drift: float = 0.0003
    market_volatility: float = 0.01
    volatility: float = 0.02
    """Median over issuers of the standard deviation of their own returns; it varies by a quarter."""
    tail: float = 5.0
    """Degrees of freedom of the t distribution of the issuers' own returns."""
    beta_spread: float = 0.3
    """Betas are uniform within so much of one."""
    bunching: float = 0.8
    """How unevenly events fall into weeks: the standard deviation of the logarithm of the weeks' weights."""
    shortest_lag: int = 2
    longest_lag: int = 8
    """Sessions from a transaction to the session on which it becomes known, all equally likely."""
    first_session: int = 160
    """No entry earlier: the sessions before serve for estimation."""
    last_sessions: int = 25
    """No entry among the last: so many sessions are there to measure returns over."""
    gap: int = 42
    """Sessions at least between two entries of an issuer, so that no run-up falls into the returns after another event."""


@dataclass(frozen=True)
class Market:
    """What was drawn. A return at position t is the one from the close of session t - 1 to the close of session t.

    The effect, and the common shock of the entry's week, lie in the sessions entry + 1 to entry + ``effect_sessions``: they
    are earned whole by who enters at the open or at the close of the entry's session. The benchmark has neither.
    """

    model: Model
    benchmark: Floats
    """By session."""
    returns: Floats
    """By session and issuer."""
    events: npt.NDArray[np.void]
    """Of type ``EVENT``, sorted by entry and issuer."""
    weeks: Integers
    """The week of each session."""

    @property
    def planted(self) -> float:
        """The true mean of the benchmark-adjusted return (buy and hold) over ``model.effect_sessions`` from entry."""
        return self.model.effect


def simulate(seed: int, **numbers: float) -> Market:
    """Draws events and returns of a ``Model`` of these numbers; equal arguments give equal markets."""
    model = Model(**numbers)
    rng = np.random.default_rng(seed)
    weeks = np.arange(model.sessions) // SESSIONS_PER_WEEK
    return draw_market(rng, model, draw_events(rng, model, weeks), weeks)


def draw_events(rng: np.random.Generator, model: Model, weeks: Integers) -> npt.NDArray[np.void]:
    """Events in busy and quiet weeks, those of an issuer with entries at least ``model.gap`` sessions apart."""
    sessions = np.arange(model.first_session, model.sessions - model.last_sessions)
    weights = rng.normal(0.0, model.bunching, weeks.max() + 1)[weeks[sessions]]
    # The largest of weights with Gumbel noise is a draw by weight; what lies too near to it is out of the next draw.
    chances = weights + rng.gumbel(size=(model.issuers, sessions.size))
    wanted = rng.poisson(model.events_per_issuer, model.issuers)
    issuers, entries = [], []
    for number in range(wanted.max(initial=0)):
        best = chances.argmax(axis=1)
        drawn = np.flatnonzero((wanted > number) & np.isfinite(chances.max(axis=1)))
        issuers.append(drawn)
        entries.append(sessions[best[drawn]])
        chances[np.abs(np.arange(sessions.size) - best[:, None]) < model.gap] = -np.inf
    events = np.empty(sum(map(len, issuers)), EVENT)
    if events.size:
        events["issuer"], events["entry_session"] = np.concatenate(issuers), np.concatenate(entries)
    events["available_session"] = events["entry_session"] - 1
    lags = rng.integers(model.shortest_lag, model.longest_lag + 1, events.size)
    events["transaction_session"] = events["available_session"] - lags
    return np.sort(events, order=["entry_session", "issuer"])


def draw_market(
    rng: np.random.Generator,
    model: Model,
    events: npt.NDArray[np.void],
    weeks: Integers,
    shocks: Floats | None = None,
) -> Market:
    """Returns of ``model.issuers`` over the sessions of ``weeks``, with what ``events`` plant in them.

    Where events of an issuer lie so close that their sessions overlap, all of them add up. ``shocks`` are those of
    each week, where several markets have them in common.
    """
    shape = (weeks.size, model.issuers)
    benchmark = rng.normal(model.market_drift, model.market_volatility, weeks.size)
    betas = rng.uniform(1 - model.beta_spread, 1 + model.beta_spread, model.issuers)
    volatilities = model.volatility * np.exp(rng.normal(0.0, 0.25, model.issuers))
    noise = rng.standard_t(model.tail, shape) * np.sqrt((model.tail - 2) / model.tail)
    returns = benchmark[:, None] * betas + volatilities * noise
    if shocks is None:
        shocks = rng.normal(0.0, model.weekly_shock, weeks.max() + 1)
    shared = shocks[weeks[np.minimum(events["entry_session"], weeks.size - 1)]]

    def plant(first: Integers, sessions: int, amounts: npt.ArrayLike) -> None:
        """Adds ``amounts`` (of each event, a session) in so many sessions from ``first``."""
        for number in range(sessions):
            inside = (first + number >= 0) & (first + number < weeks.size)
            amount = np.broadcast_to(amounts, first.shape)[inside]
            np.add.at(returns, (first[inside] + number, events["issuer"][inside]), amount)

    plant(
        events["available_session"] - model.run_up_sessions + 1,
        model.run_up_sessions,
        _daily(model, model.run_up, model.run_up_sessions),
    )
    plant(
        events["entry_session"] + 1,
        model.effect_sessions,
        _daily(model, model.effect, model.effect_sessions) + shared / model.effect_sessions,
    )
    # A share keeps some of its worth, whatever the tail of the distribution.
    return Market(model, benchmark, np.maximum(returns, -0.9), events, weeks)


def _daily(model: Model, total: float, sessions: int) -> float:
    """What each session has to add for ``total`` to be the mean of the compounded return less the benchmark's."""
    grown = 1 + model.market_drift
    return (grown**sessions + total) ** (1 / sessions) - grown
