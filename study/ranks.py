"""Does a higher score mean a higher return? Rank information coefficients and quintiles over all scored issuers, week by week."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from study import estimators
from study.estimators import SESSIONS_PER_WEEK
from study.series import Floats, Integers, week_numbers

# Below so many names a rank correlation of one date says nothing.
MINIMUM_NAMES = 10
QUINTILES = 5
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


def ranks(panels: Iterable[tuple[int, pd.DataFrame]]) -> pd.DataFrame:
    """One row per score variant and horizon.

    Args:
        panels: By horizon: a row per scored issuer and date with `signal_date`, `adjusted_return`, and a column for each of
            ``VARIANTS``.
    """
    rows: list[Mapping[str, object]] = []
    for horizon, part in panels:
        if part.empty:
            continue
        priced = part[part["adjusted_return"].notna()]
        weeks = week_numbers(priced["signal_date"].to_numpy("datetime64[D]"))
        weeks = weeks - weeks.min(initial=np.iinfo(np.int64).max)
        earned = priced["adjusted_return"].to_numpy(float)
        width = int(weeks.max(initial=-1)) + 1
        variants = {
            variant: by_week(priced[variant].to_numpy(float, na_value=np.nan), earned, weeks, width)
            for variant in VARIANTS
        }
        for variant, found in variants.items():
            compared = found.coefficients - variants[REFERENCE].coefficients
            names = {"score_variant": variant, "horizon": horizon}
            rows.append(
                {**names, **_summary(found, compared, horizon), "share_unpriced": 1 - len(priced) / len(part)}
            )
    table = pd.DataFrame(rows)
    if not table.empty:
        tests = table["p_rank_ic"].to_numpy(float)
        table["q_bh"] = estimators.false_discovery(tests, dependent=False)
        table["q_by"] = estimators.false_discovery(tests, dependent=True)
    return table


def by_week(scores: Floats, earned: Floats, weeks: Integers, width: int) -> ByDate:
    """The rank correlation of score and return in each week, and the mean return of each quintile of the score.

    Args:
        scores: By issuer and week; those missing are left out.
        earned: Their returns.
        weeks: The number of each one's week, from 0.
        width: How many weeks there are.
    """
    known = np.isfinite(scores) & np.isfinite(earned)
    scores, earned, weeks = scores[known], earned[known], weeks[known]
    names = np.bincount(weeks, minlength=width).astype(float)
    enough = names >= MINIMUM_NAMES
    x, y = (ranks_within(values, weeks, names) for values in (scores, earned))

    def total(values: Floats) -> Floats:
        return np.bincount(weeks, weights=values, minlength=width)

    with np.errstate(divide="ignore", invalid="ignore"):
        middle = (names[weeks] + 1) / 2
        x_, y_ = x - middle, y - middle
        coefficients = total(x_ * y_) / np.sqrt(total(x_ * x_) * total(y_ * y_))
        quintile = np.minimum((QUINTILES * (x - 0.5) / names[weeks]).astype(np.int64), QUINTILES - 1)
        cells = weeks * QUINTILES + quintile
        size = width * QUINTILES
        means = np.bincount(cells, weights=earned, minlength=size) / np.bincount(cells, minlength=size)
    return ByDate(
        np.where(enough, names, np.nan),
        np.where(enough, coefficients, np.nan),
        np.where(enough[:, None], means.reshape(width, QUINTILES), np.nan),
    )


def ranks_within(values: Floats, weeks: Integers, names: Floats) -> Floats:
    """The rank of each value in its week, from 1; equal values share the mean of theirs."""
    order = np.lexsort((values, weeks))
    ordered, week = values[order], weeks[order]
    begins = np.concatenate([[True], (np.diff(ordered) != 0) | (np.diff(week) != 0)])[: ordered.size]
    run = np.cumsum(begins) - 1
    first = np.flatnonzero(begins)
    last = np.concatenate([first[1:], [ordered.size]]) - 1 if first.size else first
    shared = (first + last) / 2 + 1
    before = np.cumsum(names) - names
    result = np.empty(values.size)
    result[order] = shared[run] - before[week]
    return result


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
