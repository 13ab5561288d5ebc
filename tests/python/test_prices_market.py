"""The seeded market: what it plants is there, where it says, and nowhere else."""

import numpy as np
import pytest

from sandbox.market import Market, simulate

SEEDS = range(100)


def adjusted_returns(market: Market, sessions: int, start: str = "entry_session") -> np.ndarray:
    """Buy and hold from the close of each event's ``start``, less the benchmark's."""

    def held(returns: np.ndarray, *issuer: np.ndarray) -> np.ndarray:
        worth = np.cumprod(1 + returns, axis=0)
        first = market.events[start]
        return worth[(first + sessions, *issuer)] / worth[(first, *issuer)] - 1

    return held(market.returns, market.events["issuer"]) - held(market.benchmark)


@pytest.mark.parametrize("effect", [0.0, 0.02])
def test_the_mean_return_from_entry_is_what_was_planted(effect):
    means = np.array([adjusted_returns(simulate(seed, effect=effect), 5).mean() for seed in SEEDS])
    assert abs(means.mean() - effect) < 4 * means.std() / np.sqrt(len(SEEDS))


def test_the_effect_is_over_after_its_sessions():
    differences = [
        adjusted_returns(market, 21).mean() - adjusted_returns(market, 5).mean()
        for market in map(simulate, SEEDS)
    ]
    assert abs(np.mean(differences)) < 4 * np.std(differences) / np.sqrt(len(SEEDS))


def test_whoever_enters_at_the_transaction_earns_the_run_up_too():
    market = simulate(seed=1)
    assert adjusted_returns(market, 21, "transaction_session").mean() > 0.05
    assert adjusted_returns(market, 21).mean() < 0.04


def test_events_of_a_week_share_a_shock_and_others_do_not():
    market = simulate(seed=1, issuers=500, weekly_shock=0.05, volatility=0.001, beta_spread=0.0)
    returns = adjusted_returns(market, 5)
    weeks = market.weeks[market.events["entry_session"]]
    by_week = [returns[weeks == week] for week in np.unique(weeks)]
    assert np.mean([week.std() for week in by_week]) < 0.01
    assert np.std([week.mean() for week in by_week]) == pytest.approx(0.05, rel=0.2)


def test_no_shock_reaches_the_benchmark_or_an_issuer_without_events():
    quiet, loud = (simulate(seed=1, weekly_shock=shock, events_per_issuer=1.0) for shock in (0.0, 0.1))
    assert (quiet.benchmark == loud.benchmark).all()
    without = np.setdiff1d(np.arange(100), loud.events["issuer"])
    assert without.size
    assert (quiet.returns[:, without] == loud.returns[:, without]).all()
    assert (quiet.returns != loud.returns).any()


def test_events_keep_their_order_and_their_distance():
    market = simulate(seed=1)
    events, model = market.events, market.model
    lags = events["available_session"] - events["transaction_session"]
    assert (np.unique(lags) == np.arange(model.shortest_lag, model.longest_lag + 1)).all()
    assert (events["entry_session"] == events["available_session"] + 1).all()
    assert events["entry_session"].min() >= model.first_session
    assert events["entry_session"].max() < model.sessions - model.last_sessions
    assert (np.diff(events["entry_session"]) >= 0).all()
    for issuer in range(model.issuers):
        assert (np.diff(events["entry_session"][events["issuer"] == issuer]) >= model.gap).all()
    assert 500 < events.size < 700


def test_equal_seeds_give_equal_markets():
    first, again, other = simulate(3), simulate(3), simulate(4)
    assert (first.returns == again.returns).all() and (first.events == again.events).all()
    assert not np.array_equal(first.benchmark, other.benchmark)


def test_a_market_without_events_is_one():
    assert simulate(seed=1, events_per_issuer=0.0).events.size == 0
