"""A few seeds of the calibration: it repeats, and wrong estimators do not pass it. All seeds: ``make study-calibration``."""

from __future__ import annotations

import numpy as np
import pytest

from event_study import calibration
from event_study.calibration import calibrate, judge, planted, unplanted

SEEDS = 60


@pytest.fixture(scope="module")
def outcomes() -> list[dict[str, float]]:
    return [planted(seed) | unplanted(seed) for seed in range(SEEDS)]


def share(outcomes: list[dict[str, float]], name: str) -> float:
    return float(np.mean([outcome[name] for outcome in outcomes]))


def test_few_seeds_are_near_the_bounds(outcomes):
    # Three standard deviations of 60 draws around the bounds of a thousand.
    assert share(outcomes, "covered") > 0.93 - 3 * np.sqrt(0.95 * 0.05 / SEEDS)
    for name in ("week", "two_way", "calendar"):
        assert share(outcomes, name) < 0.065 + 3 * np.sqrt(0.95 * 0.05 / SEEDS)
    assert share(outcomes, "found") > 0.95
    assert share(outcomes, "illusion") > 0.01
    for name in ("percentile", "percentile_long"):
        assert calibration.uniformity(outcomes, name) > 0.001


def test_equal_seeds_give_equal_numbers(outcomes):
    assert [result.value for result in calibrate(4, processes=1)] == [
        result.value for result in judge(outcomes[:4])
    ]


def test_other_processes_give_the_same_numbers(outcomes):
    assert calibrate(30, processes=2) == judge(outcomes[:30])


def bounded(outcomes: list[dict[str, float]]) -> dict[str, bool]:
    return {result.name: result.holds for result in judge(outcomes) if result.low is not None}


def test_wrong_estimators_do_not_pass():
    seeds = 1000
    right = [
        {
            "covered": number >= 50, "covered_long": 1, "found": 1, "illusion": 0.01, "week": number < 50, "naive": number < 90,
            "issuer": 0, "two_way": 0, "calendar": number < 50, "naive_long": 0,
            "percentile": (number + 0.5) / seeds, "percentile_long": (number + 0.5) / seeds,
        }
        for number in range(seeds)
    ]  # fmt: skip
    assert all(bounded(right).values())
    wrong = {
        "covered": [number >= 75 for number in range(seeds)],  # intervals too narrow
        "week": [number < 90 for number in range(seeds)],  # the naive test in its place
        "calendar": [number < 20 for number in range(seeds)],  # a test that never raises an alarm
        "naive": [number < 50 for number in range(seeds)],  # markets in which the naive test is as good
        "percentile": [abs(outcome["percentile"] - 0.5) * 1.9 for outcome in right],  # crowded in one half
        "percentile_long": [np.nan for _ in right],  # none at all
    }
    for name, values in wrong.items():
        changed = [{**outcome, name: value} for outcome, value in zip(right, values, strict=True)]
        assert not all(bounded(changed).values()), name
