"""Entries, exits and returns of positions, one rule at a time, on a few prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from event_study.holdings import Holdings
from event_study.returns import measure
from event_study.series import Prices, Rules, Series, market_model, series_of

NOTHING: Mapping[int, float] = {}


def series(
    closes: Mapping[int, float],
    opens: Mapping[int, float] = NOTHING,
    benchmark: Mapping[int, float] | None = None,
    benchmark_opens: Mapping[int, float] = NOTHING,
    delistings: Mapping[int, float] = NOTHING,
    jumps: tuple[int, ...] = (),
    reached: int = 40,
) -> Series:
    """One series by session number; without ``benchmark`` that stands at 64 on every session."""
    first, last = min(closes), max(closes)
    numbers = range(first, last + 1)
    levels = dict.fromkeys(numbers, 64.0) if benchmark is None else benchmark
    latest = [max((known for known in levels if known <= number), default=None) for number in numbers]

    def by_session(values: Mapping[int, float]) -> np.ndarray:
        return np.array([values.get(number, np.nan) for number in numbers])

    prices = Prices(
        close=by_session(closes),
        open=by_session(opens),
        suspects=np.array([sum(jump <= number for jump in jumps) for number in numbers], np.int32),
        benchmark=np.array([np.nan if known is None else levels[known] for known in latest]),
        benchmark_open=by_session(benchmark_opens),
        benchmark_age=np.array(
            [
                np.nan if known is None else number - known
                for number, known in zip(numbers, latest, strict=True)
            ]
        ),
    )
    places = {number - first: value for number, value in delistings.items()}
    dates = 20_000 + np.array(numbers, np.int32)
    one = (np.array([value]) for value in (first, last, reached, 0))
    return series_of(*one, dates, prices, places, Rules())


def entry(prices: Series, tradable: int) -> int | None:
    """The number of the session of the entry."""
    [found] = prices.entries(np.array([0]), np.array([tradable]))
    return None if found < 0 else int(found - prices.start[0])


def held(prices: Series, number: int, horizon: int) -> Holdings:
    return Holdings.of(prices, prices.start + number, horizon)


def outcome(prices: Series, tradable: int, horizon: int, **event: object) -> tuple[float | None, str | None]:
    """The raw return of an event and the reason why one is missing."""
    known = {"series_id": 0, "tradable_number": tradable, "has_prices": True, "has_past": True}
    measured = measure(prices, pd.DataFrame([known | event]), [horizon]).columns[0]
    [raw], [reason] = measured["raw_return"], measured["unpriced_reason"]
    return (None if np.isnan(raw) else float(raw)), reason


def test_an_entry_waits_five_sessions_for_a_price_and_for_a_first_one_too():
    prices = series({10: 1.0, 19: 1.0})
    assert [entry(prices, number) for number in (10, 11, 13, 14, 19, 20)] == [10, None, None, 19, 19, None]
    late = series({20: 1.0})
    assert [entry(late, number) for number in (14, 15, 20, 21)] == [None, 20, 20, None]


def test_an_entry_is_at_the_open_where_share_and_benchmark_have_one():
    prices = series({20: 10.0, 21: 12.0}, opens={20: 8.0}, benchmark_opens={20: 60.0})
    at_open = held(prices, 20, 1)
    assert (at_open.at_open[0], at_open.paid[0], at_open.benchmark_paid[0]) == (True, 8.0, 60.0)
    for alone in ({"opens": {20: 8.0}}, {"benchmark_opens": {20: 60.0}}):
        at_close = held(series({20: 10.0, 21: 12.0}, **alone), 20, 1)
        assert (at_close.at_open[0], at_close.paid[0], at_close.benchmark_paid[0]) == (False, 10.0, 64.0)


def test_a_benchmarks_close_is_carried_for_five_sessions():
    closes = dict.fromkeys(range(20, 30), 10.0)
    prices = series(closes, benchmark={20: 64.0, 29: 80.0})
    assert held(prices, 20, 5).benchmark[0] == 0.0
    assert np.isnan(held(prices, 20, 6).benchmark[0]) and held(prices, 20, 9).benchmark[0] == 0.25
    assert outcome(prices, 20, 6) == (0.0, "no_benchmark")
    assert np.isnan(held(prices, 26, 3).benchmark[0]) and held(prices, 25, 4).benchmark[0] == 0.25


def test_an_exit_is_at_the_horizon_or_at_the_delisting_before_it():
    """A missing price is waited for as long as the market's prices go on; a share whose own prices ended before is gone."""
    gap = series({20: 8.0, 26: 12.0, 36: 10.0})
    assert outcome(gap, 20, 1) == (0.5, "short_estimation")
    assert outcome(gap, 20, 10) == (None, "no_exit")
    assert not held(gap, 20, 10).is_vanished[0]

    delisted = series({20: 8.0, 21: 12.0}, delistings={21: -0.5})
    assert not held(delisted, 20, 1).is_delisted[0] and held(delisted, 20, 1).raw[0] == 0.5
    assert held(delisted, 20, 10).is_delisted[0] and held(delisted, 20, 10).raw[0] == -0.25
    # Prices that go on after it are nobody's who held the share.
    followed = series({20: 8.0, 21: 12.0, 22: 90.0, 23: 80.0, 24: 88.0}, delistings={21: -0.5})
    assert held(followed, 20, 3).raw[0] == -0.25 and held(followed, 23, 1).raw[0] == pytest.approx(0.1)

    ended = {20: 8.0, 21: 12.0, 22: 12.0}
    assert outcome(series(ended), 20, 10) == (None, "no_exit") and held(series(ended), 20, 10).is_vanished[0]
    assert outcome(series(ended, reached=34), 20, 10) == (None, "horizon_not_reached")
    assert not held(series(ended, reached=34), 20, 10).is_vanished[0]


def test_whoever_left_the_market_may_have_lost_everything():
    benchmark = {20: 64.0, 21: 96.0}
    delisted = held(series({20: 8.0, 21: 12.0}, benchmark=benchmark, delistings={21: -0.5}), 20, 5)
    vanished = held(series({20: 8.0, 21: 12.0}, benchmark=benchmark), 20, 5)
    for position in (delisted, vanished):
        assert position.adjusted_if_lost(1.0)[0] == -1.5
        assert position.adjusted_if_lost(0.3)[0] == pytest.approx(1.5 * 0.7 - 1 - 0.5)
    assert delisted.adjusted[0] == -0.75 and np.isnan(vanished.adjusted[0])
    stayed = held(series({20: 8.0, 21: 12.0}, benchmark=benchmark), 20, 1)
    assert stayed.adjusted_if_lost(1.0)[0] == stayed.adjusted[0] == 0.0


def test_an_entry_at_the_open_earns_its_first_session_too():
    closes, levels = {20: 10.0, 21: 12.0}, {20: 80.0, 21: 96.0}
    prices = series(closes, {20: 8.0}, levels, benchmark_opens={20: 64.0})
    prices = replace(prices, alpha=np.full(2, 0.125), beta=np.full(2, 2.0))
    position = held(prices, 20, 1)
    assert (position.raw[0], position.benchmark[0], position.adjusted[0]) == (0.5, 0.5, 0.0)
    assert position.abnormal[0] == pytest.approx(0.25 + 0.2 - 0.125 * 2 - 2.0 * (0.25 + 0.2))
    at_close = held(replace(prices, open=np.full(2, np.nan)), 20, 1)
    assert at_close.abnormal[0] == pytest.approx(0.2 - 0.125 - 2.0 * 0.2)


def test_over_a_suspect_price_there_is_no_return():
    closes = {20: 10.0, 21: 363.0, 22: 400.0}
    assert outcome(series(closes, jumps=(21,)), 20, 1) == (None, "suspect_series")
    assert outcome(series(closes, jumps=(21,)), 21, 1)[0] == pytest.approx(400 / 363 - 1)
    # From an open that is one, of the share or of its benchmark.
    opens = {"opens": {20: 0.25}, "benchmark_opens": {20: 64.0}}
    assert outcome(series({20: 10.0, 21: 10.0}, **opens), 20, 1) == (None, "suspect_series")
    opens = {"opens": {20: 10.0}, "benchmark_opens": {20: 1.0}}
    assert outcome(series({20: 10.0, 21: 10.0}, **opens), 20, 1) == (None, "suspect_series")
    # Of one that is gone there is not even what it may have lost.
    gone = held(series({20: 10.0, 21: 363.0}, jumps=(21,)), 20, 9)
    assert gone.is_vanished[0] and np.isnan(gone.adjusted_if_lost(1.0)[0])


def test_the_first_reason_that_applies_is_given():
    prices = series({20: 10.0, 21: 12.0, 30: 12.0})
    assert outcome(prices, 20, 1) == (pytest.approx(0.2), "short_estimation")
    assert outcome(prices, 20, 1, has_past=False, tradable_number=None) == (None, "archive_begins")
    assert outcome(prices, 20, 1, series_id=None, has_prices=False) == (None, "no_symbol")
    assert outcome(prices, 20, 1, has_prices=False, tradable_number=5) == (None, "no_price")
    assert outcome(prices, 20, 1, tradable_number=None) == (None, "no_entry")
    assert outcome(prices, 35, 1) == (None, "no_entry")
    assert outcome(prices, 36, 1) == (None, "horizon_not_reached")


def test_the_market_model_is_a_regression_on_the_sessions_before_the_entry():
    """A series younger than the window is estimated on what it has, if that is enough."""
    rules = Rules(estimation_first=4, estimation_last=2, estimation_minimum=2)
    market = np.array([0.5, 0.1, 0.3, 0.2, 0.4, 0.7, 0.9])
    own = 1 + 2 * market
    own[[0, 5, 6]] = 99.0
    serves = np.ones(7, bool)
    alpha, beta = market_model(own, market, serves, rules)
    # For an entry at session 5 the sessions 1 to 3 serve.
    assert (alpha[5], beta[5]) == (pytest.approx(1.0), pytest.approx(2.0))
    assert np.isnan(beta[:3]).all() and np.isfinite(beta[3])
    serves[[2, 3]] = False
    assert np.isnan(market_model(own, market, serves, rules)[1][5])
    flat = market_model(own, np.zeros(7), np.ones(7, bool), rules)
    assert np.isnan(flat[0][5]) and np.isnan(flat[1][5])


def test_only_returns_over_one_session_with_the_benchmarks_own_closes_are_estimated():
    rules = Rules(estimation_first=40, estimation_last=1, estimation_minimum=3)
    closes = {number: 10.0 + number % 3 for number in range(20, 32)}
    known = series(closes, benchmark={number: 64.0 + number % 5 for number in range(20, 32)})

    def is_estimated(prices: Series) -> bool:
        strict = series_of(
            prices.first, prices.last, prices.reached, prices.calendar, np.arange(12, dtype=np.int32),
            Prices(prices.close, prices.open, prices.suspects, prices.benchmark, prices.benchmark_open, np.zeros(12)), {}, rules,
        )  # fmt: skip
        return bool(np.isfinite(strict.alpha[-1]))

    assert is_estimated(known)
    holes = {number: close for number, close in closes.items() if number % 2 == 0 or number == 31}
    assert not is_estimated(series(holes, benchmark={number: 64.0 + number % 5 for number in range(20, 32)}))
    assert not is_estimated(replace(known, suspects=np.arange(12, dtype=np.int32)))
