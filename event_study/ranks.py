"""Does a higher score mean a higher return? Rank information coefficients and quintiles over all scored issuers, week by week."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from event_study import estimators
from event_study.estimators import SESSIONS_PER_WEEK
from event_study.series import Floats, Integers, week_numbers

# Below so many names a rank correlation of one date says nothing.
MINIMUM_NAMES = 10
QUINTILES = 5
# Before the horizon, in the name of a column of returns.
EARNED = "earned_"
REFERENCE = "score_version_1"
VARIANTS = [
    REFERENCE,
    "score_version_2",
    "without_log_buy_value",
    "without_distinct_buyers",
    "without_senior_buyer",
    "without_days_since_last_buy",
]


@dataclass(frozen=True)
class ByDate:
    """A value for each week of the calendar; null in weeks with too few names."""

    names: Floats
    coefficients: Floats
    """Rank correlation of score and return."""
    quintiles: Floats
    """By week and quintile of the score: the mean return."""


def ranks(panel: pd.DataFrame) -> pd.DataFrame:
    """One row per score variant and horizon.

    Args:
        panel: A row per scored issuer and date with `signal_date`, a column for each of ``VARIANTS``, and for each horizon
            a column `earned_<horizon>` with the benchmark-adjusted return.
    """
    rows: list[Mapping[str, object]] = []
    weeks = week_numbers(panel["signal_date"].to_numpy("datetime64[D]"))
    weeks = weeks - weeks.min(initial=np.iinfo(np.int64).max)
    scores = {
        variant: Ordered.of(panel[variant].to_numpy(float, na_value=np.nan), weeks) for variant in VARIANTS
    }
    horizons = [int(column.removeprefix(EARNED)) for column in panel if column.startswith(EARNED)]
    for horizon in sorted(horizons) if len(panel) else []:
        earned = Ordered.of(panel[f"{EARNED}{horizon}"].to_numpy(float, na_value=np.nan), weeks)
        found = {variant: by_week(score, earned, weeks) for variant, score in scores.items()}
        for variant, weekly in found.items():
            compared = weekly.coefficients - found[REFERENCE].coefficients
            rows.append(
                {
                    "score_variant": variant,
                    "horizon": horizon,
                    **_summary(weekly, compared, horizon),
                    "share_unpriced": float(1 - np.isfinite(earned.values).mean()),
                }
            )
    table = pd.DataFrame(rows)
    if not table.empty:
        tests = table["p_rank_ic"].to_numpy(float)
        table["q_bh"] = estimators.false_discovery(tests, dependent=False)
        table["q_by"] = estimators.false_discovery(tests, dependent=True)
    return table


@dataclass(frozen=True)
class Ordered:
    """Values with their order by week and size, so that the ranks of any part of them need no sorting."""

    values: Floats
    order: Integers

    @classmethod
    def of(cls, values: Floats, weeks: Integers) -> "Ordered":
        """Sorts the values."""
        return cls(values, np.lexsort((values, weeks)))

    def ranks(self, chosen: npt.NDArray[np.bool_], weeks: Integers, names: Floats) -> Floats:
        """The rank of each chosen value in its week, from 1; equal values share the mean of theirs.

        Args:
            chosen: Whether a value counts.
            weeks: The number of each value's week.
            names: By week: how many values count.
        """
        order = self.order[chosen[self.order]]
        ordered, week = self.values[order], weeks[order]
        begins = np.concatenate([[True], (np.diff(ordered) != 0) | (np.diff(week) != 0)])[: ordered.size]
        first = np.flatnonzero(begins)
        last = np.append(first[1:], ordered.size) - 1 if first.size else first
        shared = ((first + last) / 2 + 1)[np.cumsum(begins) - 1]
        result = np.full(self.values.size, np.nan)
        result[order] = shared - (np.cumsum(names) - names)[week]
        return result


def by_week(scores: Ordered, earned: Ordered, weeks: Integers) -> ByDate:
    """The rank correlation of score and return in each week, and the mean return of each quintile of the score.

    Args:
        scores: By issuer and date; those missing are left out.
        earned: Their returns.
        weeks: The number of each one's week, from 0.
    """
    known = np.isfinite(scores.values) & np.isfinite(earned.values)
    width = int(weeks.max(initial=-1)) + 1
    names = np.bincount(weeks[known], minlength=width).astype(float)
    x, y = (ordered.ranks(known, weeks, names)[known] for ordered in (scores, earned))
    weeks, returns = weeks[known], earned.values[known]
    enough = names >= MINIMUM_NAMES

    def total(values: Floats) -> Floats:
        return np.bincount(weeks, weights=values, minlength=width)

    with np.errstate(divide="ignore", invalid="ignore"):
        middle = (names[weeks] + 1) / 2
        x_, y_ = x - middle, y - middle
        coefficients = total(x_ * y_) / np.sqrt(total(x_ * x_) * total(y_ * y_))
        quintile = np.minimum((QUINTILES * (x - 0.5) / names[weeks]).astype(np.int64), QUINTILES - 1)
        cells, size = weeks * QUINTILES + quintile, width * QUINTILES
        means = np.bincount(cells, weights=returns, minlength=size) / np.bincount(cells, minlength=size)
    return ByDate(
        np.where(enough, names, np.nan),
        np.where(enough, coefficients, np.nan),
        np.where(enough[:, None], means.reshape(width, QUINTILES), np.nan),
    )


def _summary(found: ByDate, compared: Floats, horizon: int) -> dict[str, object]:
    lag = -(-horizon // SESSIONS_PER_WEEK)
    weekly = found.coefficients[np.isfinite(found.coefficients)]
    test = estimators.newey_west(found.coefficients, lag)
    difference = estimators.newey_west(compared, lag)
    spreads = found.quintiles[:, -1] - found.quintiles[:, 0]
    spread = estimators.newey_west(spreads, lag)
    complete = np.isfinite(found.quintiles).all(axis=1)
    means = found.quintiles[complete].mean(axis=0) if complete.any() else np.full(QUINTILES, np.nan)
    monotonicity = stats.spearmanr(np.arange(QUINTILES), means).statistic if complete.any() else np.nan
    return {
        "n_weeks": weekly.size,
        "mean_names": float(np.nanmean(found.names)) if weekly.size else np.nan,
        "mean_rank_ic": float(weekly.mean()) if weekly.size else np.nan,
        "share_positive": float((weekly > 0).mean()) if weekly.size else np.nan,
        "t_rank_ic": test.t,
        "p_rank_ic": test.p,
        "rank_ic_less_version_1": float(np.nanmean(compared)) if np.isfinite(compared).any() else np.nan,
        "t_less_version_1": difference.t,
        **{f"quintile_{number + 1}": float(mean) for number, mean in enumerate(means)},
        "top_less_bottom": float(means[-1] - means[0]),
        "t_top_less_bottom": spread.t,
        "p_top_less_bottom": spread.p,
        "monotonicity": float(monotonicity),
    }
