"""The tests of means agree with statsmodels, scipy or a plain computation beside them, and refuse what they cannot tell."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.multitest import multipletests

from event_study import estimators
from event_study.estimators import (
    Shared,
    block_bootstrap,
    effective_periods,
    false_discovery,
    mean_tests,
    newey_west,
)


def sample(seed: int = 1, size: int = 400, weeks: int = 40, issuers: int = 60):
    """Returns that share something by week and by issuer."""
    rng = np.random.default_rng(seed)
    week, issuer = rng.integers(0, weeks, size), rng.integers(0, issuers, size)
    shocks = rng.normal(0, 0.02, weeks)[week] + rng.normal(0, 0.01, issuers)[issuer]
    return rng.normal(0.005, 0.05, size) + shocks, week, issuer


def means_of(values, week, issuer, groups=None, n_groups=1):
    codes = np.zeros(values.size, np.int64) if groups is None else groups
    return mean_tests(values, Shared.of(codes, week, issuer), groups, n_groups)


def test_clustered_t_values_are_those_of_statsmodels():
    values, week, issuer = sample()
    found = means_of(values, week, issuer).of(0)
    model = sm.OLS(values, np.ones(values.size))
    for name, groups in (
        ("t_week", week),
        ("t_issuer", issuer),
        ("t_two_way", np.column_stack([week, issuer])),
    ):
        fit = model.fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
        assert found[name] == pytest.approx(fit.tvalues[0], rel=1e-10), name
    assert found["mean"] == pytest.approx(values.mean())
    assert found["median"] == np.median(values)
    assert found["share_positive"] == (values > 0).mean()
    naive = stats.ttest_1samp(values, 0.0)
    assert (found["t_naive"], found["p_naive"]) == pytest.approx((naive.statistic, naive.pvalue))
    assert (found["n_events"], found["n_weeks"], found["n_issuers"]) == (400, 40, np.unique(issuer).size)


def test_each_group_is_tested_by_itself():
    values, week, issuer = sample(size=900)
    groups = np.random.default_rng(2).integers(0, 4, values.size)
    groups[groups == 2] = 1  # a group without values
    together = means_of(values, week, issuer, groups, 4)
    for group in (0, 1, 3):
        chosen = groups == group
        alone = means_of(values[chosen], week[chosen], issuer[chosen]).of(0)
        assert together.of(group) == pytest.approx(alone)
    empty = together.of(2)
    assert (
        empty["n_events"] == 0
        and np.isnan([empty["mean"], empty["median"], empty["t_naive"], empty["t_week"]]).all()
    )


def test_part_of_the_values_keeps_its_clusters():
    values, week, issuer = sample()
    chosen = np.flatnonzero(np.random.default_rng(3).random(values.size) < 0.5)
    shared = Shared.of(np.zeros(values.size, np.int64), week, issuer)
    assert mean_tests(values[chosen], shared.take(chosen)).of(0) == pytest.approx(
        means_of(values[chosen], week[chosen], issuer[chosen]).of(0)
    )


@pytest.mark.parametrize(("weeks", "issuers"), [(19, 60), (60, 19)])
def test_fewer_than_twenty_clusters_are_too_few(weeks, issuers):
    values, week, issuer = sample(size=2000, weeks=weeks, issuers=issuers)
    found = means_of(values, week, issuer).of(0)
    assert (
        np.isnan(found["t_week"]) == np.isnan(found["p_week"]) == np.isnan(found["week_low"]) == (weeks < 20)
    )
    assert np.isnan(found["t_issuer"]) == (issuers < 20)
    assert np.isnan(found["t_two_way"]) and np.isnan(found["p_two_way"])
    assert np.isfinite(found["t_naive"])
    enough = means_of(*sample(size=2000, weeks=20, issuers=20)).of(0)
    assert np.isfinite([enough["t_week"], enough["t_issuer"], enough["t_two_way"]]).all()


def test_a_negative_variance_gives_no_t_value():
    # Each week and each issuer sums to the same; only their crossings differ.
    week, issuer = (axis.ravel() for axis in np.indices((24, 24)))
    values = 0.01 + np.where((week + issuer) % 2, 0.05, -0.05)
    found = means_of(values, week, issuer).of(0)
    assert np.isnan(found["t_two_way"]) and np.isnan(found["p_two_way"])
    assert np.isfinite(found["t_naive"])


def test_a_week_with_most_events_is_worth_less_than_its_number_says():
    values, week, issuer = sample(size=4000, weeks=40)
    even = means_of(values, week, issuer).of(0)
    crowded = np.where(np.arange(4000) < 2000, 0, week)
    uneven = means_of(values, crowded, issuer).of(0)
    sizes = np.bincount(crowded)
    freedom = sizes.sum() ** 2 / (sizes**2).sum() - 1
    assert freedom < 4
    assert uneven["p_week"] == pytest.approx(2 * stats.t.sf(abs(uneven["t_week"]), freedom))
    assert even["p_week"] == pytest.approx(2 * stats.t.sf(abs(even["t_week"]), 38.5), rel=0.02)
    # The interval at 95 % excludes zero exactly where p is below 5 %.
    for found in (even, uneven):
        assert (found["week_low"] > 0 or found["week_high"] < 0) == (found["p_week"] < 0.05)


def test_medians():
    rng = np.random.default_rng(1)
    values, groups = rng.normal(size=101), rng.integers(0, 7, 101)
    expected = [np.median(values[groups == group]) for group in range(7)]
    assert estimators.medians(values, groups, 7) == pytest.approx(expected)


def test_effective_periods():
    assert effective_periods(np.full(50, 7), 21) == pytest.approx(1)
    assert effective_periods(np.arange(10) * 21, 21) == pytest.approx(10)
    assert effective_periods(np.zeros(0, np.int64), 21) == 0
    # Events every day: about the length of the calendar over the horizon.
    assert effective_periods(np.arange(2100), 21) == pytest.approx(100, rel=0.02)
    days = np.random.default_rng(1).integers(0, 300, 80)
    shares = np.maximum(0, 1 - np.abs(days[:, None] - days) / 21)
    assert effective_periods(days, 21) == pytest.approx(80**2 / shares.sum())


def autocorrelated(size: int, seed: int = 1) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, 1, size + 9)
    return np.convolve(noise, np.ones(10), "valid") / 10 + 0.1


def test_newey_west_is_that_of_statsmodels_with_its_bias_taken_off():
    values, lag = autocorrelated(500), 21
    found = newey_west(values, lag)
    fit = sm.OLS(values, np.ones(500)).fit(cov_type="HAC", cov_kwds={"maxlags": lag, "use_correction": False})
    share = 22 / 500
    assert found.error == pytest.approx(fit.bse[0] / np.sqrt(1 - share + share**2 / 3), rel=1e-10)
    assert found.t == pytest.approx(found.mean / found.error)
    assert found.degrees_of_freedom == pytest.approx(1.5 / share)
    assert found.p == pytest.approx(2 * stats.t.sf(abs(found.t), 1.5 / share))


def test_the_interval_of_a_series_is_that_of_its_p():
    for shift in np.linspace(-0.3, 0.3, 25):
        found = newey_west(autocorrelated(500) + shift, 21)
        low, high = found.interval
        assert (low + high) / 2 == pytest.approx(found.mean)
        assert (low > 0 or high < 0) == (found.p < 0.05)
    assert np.isnan(newey_west(np.zeros(100), 5).interval).all()


def test_days_without_a_value_keep_their_distance():
    values = autocorrelated(600)
    values[np.random.default_rng(2).random(600) < 0.3] = np.nan
    active = np.isfinite(values)
    found = newey_west(values, 10)
    # A regression on whether there is a value, over the whole calendar, has the same sums.
    fit = sm.OLS(np.nan_to_num(values), active.astype(float)).fit(
        cov_type="HAC", cov_kwds={"maxlags": 10, "use_correction": False}
    )
    share = 11 / active.sum()
    assert found.mean == pytest.approx(fit.params[0])
    assert found.error == pytest.approx(fit.bse[0] / np.sqrt(1 - share + share**2 / 3))
    assert found.periods == active.sum()


def test_a_series_of_fewer_than_three_stretches_has_no_long_run_error():
    assert np.isnan(newey_west(autocorrelated(65), 21).t)
    assert np.isfinite(newey_west(autocorrelated(66), 21).t)
    assert np.isnan(newey_west(np.zeros(100), 5).t)


def test_newey_west_keeps_its_level_where_the_normal_distribution_does_not():
    draws = np.random.default_rng(1).normal(size=(4000, 200))
    found = [newey_west(values, 19) for values in draws]
    assert np.mean([test.p < 0.05 for test in found]) == pytest.approx(0.05, abs=0.01)
    share = 20 / 200
    plain = np.sqrt(1 - share + share**2 / 3)
    assert np.mean([abs(test.t / plain) > 1.96 for test in found]) > 0.07


def test_the_block_bootstrap_is_that_of_a_plain_loop():
    rng = np.random.default_rng(1)
    counts = rng.poisson(4, 60).astype(float)
    sums = np.array([rng.normal(0.01, 0.05, int(count)).sum() for count in counts])
    block, draws, seed = 6, 200, 3
    low, high = block_bootstrap(sums, counts, block, draws, seed)
    mean, spread = sums.sum() / counts.sum(), []
    for starts in np.random.default_rng(seed).integers(0, 60, (draws, 10)):
        weeks = np.concatenate([np.arange(start, start + block) % 60 for start in starts])
        spread.append((sums[weeks].sum() - mean * counts[weeks].sum()) / counts.sum())
    reach = stats.t.ppf(0.975, 9) * np.std(spread, ddof=1) * np.sqrt(10 / 9)
    assert (low, high) == pytest.approx((mean - reach, mean + reach))
    assert (low, high) == block_bootstrap(sums, counts, block, draws, seed)


def test_too_few_blocks_make_no_interval():
    assert np.isnan(block_bootstrap(np.ones(17), np.ones(17), 6)).all()
    assert np.isfinite(block_bootstrap(np.arange(18.0), np.ones(18), 6)).all()
    assert np.isnan(block_bootstrap(np.zeros(0), np.zeros(0), 6)).all()


@pytest.mark.parametrize("horizon", [10, 21, 63, 126])
def test_a_block_is_no_shorter_than_the_horizon(horizon):
    assert estimators.block_of(horizon) * 5 >= horizon + 5


@pytest.mark.parametrize(("dependent", "method"), [(False, "fdr_bh"), (True, "fdr_by")])
def test_q_values_are_those_of_statsmodels(dependent, method):
    p = np.random.default_rng(1).random(200) ** 3
    with_gaps = np.insert(p, [0, 50, 200], np.nan)
    found = false_discovery(with_gaps, dependent)
    assert np.isnan(found[np.isnan(with_gaps)]).all()
    assert found[np.isfinite(with_gaps)] == pytest.approx(multipletests(p, method=method)[1])
    assert np.isnan(false_discovery(np.full(3, np.nan), dependent)).all()
