"""Returns, portfolios and shifted calendars from the daily prices agree with plain loops over them."""

from __future__ import annotations

import event_study_tables
import numpy as np
import pytest
import statsmodels.api as sm
from event_study_tables import FIRST_NUMBER, HORIZONS

from event_study import placebo, tables
from event_study.calendar_time import portfolios
from event_study.calibration import Sample
from event_study.estimators import Shared, mean_tests
from event_study.holdings import Holdings
from event_study.partitions import Partition
from event_study.series import Series, from_matrix, week_numbers
from sandbox.market import simulate


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> tuple[Series, dict]:
    """The prices as the study reads them, and as they were written, by series and session number."""
    database = tmp_path_factory.mktemp("series") / "prices.duckdb"
    market = event_study_tables.write(database, seed=2, issuers=12)
    with tables.opened(database) as connection:
        series = tables.read_series(connection)
    written = event_study_tables.prices(market, 2)
    return series, {key: part.set_index("session_number") for key, part in written.groupby("series_id")}


def test_returns_are_those_of_a_plain_computation(read):
    series, written = read
    rng = np.random.default_rng(1)
    ends = max(part.index[-1] for part in written.values())
    seen = set()
    for horizon in HORIZONS:
        for key, part in written.items():
            for number in [*rng.integers(FIRST_NUMBER - 3, ends + 3, 60), part.index[-1] - horizon + 2]:
                expected = event_study_tables.earned(part, int(number), horizon, ends)
                entry = series.entries(np.array([key]), np.array([number]))
                if entry[0] < 0:
                    assert expected["entry"] is None
                    seen.add("no entry")
                    continue
                assert entry[0] == series.start[key] + expected["entry"]
                held = Holdings.of(series, entry, horizon)
                found = {
                    "raw": held.raw,
                    "adjusted": held.adjusted,
                    "d30": held.adjusted_if_lost(0.3),
                    "d100": held.adjusted_if_lost(1.0),
                }
                for kind, values in found.items():
                    assert values[0] == pytest.approx(expected[kind], nan_ok=True), (
                        key,
                        number,
                        horizon,
                        kind,
                    )
                seen.add(expected["reason"])
    assert seen == {None, "no entry", "horizon_not_reached", "no_exit", "suspect_series"}


def test_the_market_model_is_a_regression_and_its_returns_cumulate(read):
    series, written = read
    part = written[5]
    for number in (FIRST_NUMBER + 300, FIRST_NUMBER + 500):
        entry = series.entries(np.array([5]), np.array([number]))
        at = int(entry[0] - series.start[5])
        window = part.loc[at - 250 : at - 31]
        window = window[window["is_priced"] & (window["span_sessions"] == 1)]
        fit = sm.OLS(window["daily_return"], sm.add_constant(window["benchmark_return"])).fit()
        assert (series.alpha[entry[0]], series.beta[entry[0]]) == pytest.approx(tuple(fit.params))
        held = part.loc[at + 1 : at + 21]
        days = held[held["is_priced"]]
        expected = days["daily_return"].sum() - fit.params.iloc[1] * days["benchmark_return"].sum()
        sessions = days["span_sessions"].sum()
        row = part.loc[at]
        if np.isfinite(row["adjusted_open"]) and np.isfinite(row["benchmark_open"]):
            first = row["benchmark_close"] / row["benchmark_open"] - 1
            expected += row["adjusted_close"] / row["adjusted_open"] - 1 - fit.params.iloc[1] * first
            sessions += 1
        if part.at[at + 21, "is_priced"]:
            found = Holdings.of(series, entry, 21).abnormal[0]
            assert found == pytest.approx(expected - fit.params.iloc[0] * sessions)
    early = series.entries(np.array([5]), np.array([FIRST_NUMBER + 100]))
    assert np.isnan(series.beta[early[0]])


def test_weeks_begin_on_monday():
    dates = np.array(["1969-12-29", "1970-01-04", "1970-01-05", "2026-03-01", "2026-03-02"], "datetime64[D]")
    assert week_numbers(dates).tolist() == [0, 0, 1, 2930, 2931]


def test_portfolios_are_daily_means_over_what_is_held(read):
    series, written = read
    rng = np.random.default_rng(3)
    owners, numbers = rng.integers(0, 12, 60), FIRST_NUMBER + rng.integers(300, 760, 60)
    entries = series.entries(owners, numbers)
    part = Partition("s", [("k", "a"), ("k", "b")], rng.integers(-1, 2, 60))
    found = {
        (p.group, p.horizon, p.return_kind): p for p in portfolios(series, entries, part, [10, 21], 0.001)
    }
    for group in (0, 1):
        for horizon in (10, 21):
            days: dict[int, list[float]] = {}
            lost: dict[int, list[float]] = {}
            for key, entry, code in zip(owners, entries, part.codes, strict=True):
                if entry < 0 or code != group:
                    continue
                prices, at = written[key], int(entry - series.start[key])
                row = prices.loc[at]
                if np.isfinite(row["adjusted_open"]) and np.isfinite(row["benchmark_open"]):
                    own = row["adjusted_close"] / row["adjusted_open"]
                    days.setdefault(at, []).append(own - row["benchmark_close"] / row["benchmark_open"])
                    lost.setdefault(at, []).append(days[at][-1])
                for number in range(at + 1, at + horizon + 1):
                    if number in prices.index and np.isfinite(prices.at[number, "daily_return"]):
                        value = prices.at[number, "daily_return"] - prices.at[number, "benchmark_return"]
                        days.setdefault(number, []).append(value)
                        lost.setdefault(number, []).append(value)
                    if number == prices.index[-1] + 1:
                        known = prices["delisting_return"].iloc[-1]
                        if np.isfinite(known):
                            days.setdefault(number, []).append(known)
                        if number <= FIRST_NUMBER + 755:
                            lost.setdefault(number, []).append(-1.0)
            for kind, values in (("adjusted", days), ("adjusted_delisting_100", lost)):
                portfolio = found[group, horizon, kind]
                expected = {number: np.mean(value) for number, value in values.items()}
                first = min(expected)
                for place, value in enumerate(portfolio.returns):
                    assert value == pytest.approx(expected.get(first + place, np.nan), nan_ok=True)
                assert portfolio.returns.size == max(expected) - first + 1
            net = found[group, horizon, "net"].returns
            assert net == pytest.approx(
                found[group, horizon, "adjusted"].returns - 2 * 0.001 / horizon, nan_ok=True
            )
            assert found[group, horizon, "adjusted"].span >= horizon


@pytest.fixture(scope="module")
def calm() -> tuple[Series, np.ndarray, np.ndarray]:
    """Prices without holes, and the series and sessions of events."""
    market = simulate(4, issuers=8, effect=0.0)
    return (
        from_matrix(market.returns, market.benchmark),
        market.events["issuer"],
        market.events["entry_session"],
    )


def test_shifted_windows_meet_no_true_one(calm):
    series, owners, numbers = calm
    entries = series.positions(owners, numbers)
    horizon = 10
    outcome = placebo.outcomes(series, horizon, entries, ["adjusted"])["adjusted"]
    for key in range(8):
        true = numbers[owners == key]
        for number in range(756):
            meets = ((number + horizon >= true - series.rules.before) & (number <= true + horizon)).any()
            beyond = number + horizon > 755
            assert np.isnan(outcome[series.start[key] + number]) == (meets or beyond)


def test_calendars_are_shifted_whole_and_begin_anew(calm):
    series, owners, numbers = calm
    draws = placebo.offsets(series, 10)
    assert draws.size == placebo.DRAWS and np.unique(draws).size == draws.size
    assert draws.min() > 10 + series.rules.before and draws.max() < 756 - 10 - series.rules.before
    assert (draws == placebo.offsets(series, 10)).all()
    for offset, positions in zip(draws, placebo.shifted(series, owners, numbers, draws), strict=True):
        assert (positions == series.start[owners] + (numbers + offset) % 756).all()


def test_the_statistic_of_shifts_is_the_mean_over_its_week_clustered_error(calm):
    _series, owners, numbers = calm
    weeks = numbers // 5
    rng = np.random.default_rng(1)
    values = rng.normal(0.01, 0.05, (owners.size, 3))
    values[rng.random(values.shape) < 0.2] = np.nan
    parts = [
        Partition("a", [("k", "x"), ("k", "y")], rng.integers(0, 2, owners.size)),
        Partition("b", [("k", "z")], np.zeros(owners.size, np.int64)),
    ]
    found = placebo.Grouped(parts, weeks)(values)
    for draw in range(3):
        for group, chosen in enumerate([parts[0].codes == 0, parts[0].codes == 1, parts[1].codes == 0]):
            keep = chosen & np.isfinite(values[:, draw])
            shared = Shared.of(np.zeros(keep.sum(), np.int64), weeks[keep], owners[keep])
            expected = mean_tests(values[keep, draw], shared).of(0)
            assert found.n[group, draw] == keep.sum()
            assert found.mean[group, draw] == pytest.approx(expected["mean"])
            if np.isfinite(expected["t_week"]):
                assert found.mean[group, draw] / found.error[group, draw] == pytest.approx(expected["t_week"])
            else:
                assert np.isnan(found.error[group, draw])


def test_how_much_shifts_have_in_common(calm):
    series, owners, numbers = calm
    horizon = 10
    outcome = placebo.outcomes(series, horizon, series.positions(owners, numbers), ["adjusted"])["adjusted"]
    quiet = placebo.Quiet.of(series, outcome, horizon)
    for key in range(8):
        places = np.flatnonzero(np.isfinite(outcome[key * 756 : (key + 1) * 756]))
        common = np.maximum(0, 1 - np.abs(places[:, None] - places) / horizon)
        assert quiet.places[key] == places.size
        assert quiet.overlap[key] == pytest.approx(common.mean())


def test_an_event_that_stands_out_has_an_extreme_percentile(calm):
    series, owners, numbers = calm
    everything = [Partition("s", [("k", "all")], np.zeros(owners.size, np.int64))]
    entries = series.positions(owners, numbers)
    outcomes = placebo.outcomes(series, 5, entries, ["adjusted"])
    true = Holdings.of(series, entries, 5).adjusted
    grouped = placebo.Grouped(everything, numbers // 5)
    reuse = {
        "adjusted": placebo.Quiet.of(series, outcomes["adjusted"], 5).reuse(
            owners, np.isfinite(true), everything
        )
    }

    def place(shift: float) -> float:
        positions = placebo.shifted(series, owners, numbers, placebo.offsets(series, 5))
        return placebo.percentiles(outcomes, positions, {"adjusted": true + shift}, grouped, reuse)[
            "adjusted"
        ][0]

    assert place(-0.05) < 0.01 < place(0.0) < 0.99 < place(0.05)
    # Shifts that share most of their quiet days are no distribution.
    reuse = {"adjusted": np.array([0.6])}
    assert np.isnan(place(0.0))


def test_without_quiet_time_there_is_no_percentile():
    sample = Sample.of(simulate(4))
    assert np.isfinite(sample.percentile(21))
    assert np.isnan(sample.percentile(126))
