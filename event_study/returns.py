"""What each event earned over each horizon, or the reason why that cannot be said: the measured part of marts.signal_returns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from event_study.holdings import Holdings
from event_study.series import Floats, Integers, Series

DATE = "datetime64[D]"
# The shares of the last price that whoever left the market may have lost, in the names of columns.
LOSSES = {"adjusted_return_delisting_30": 0.3, "adjusted_return_delisting_100": 1.0}
RETURNS = [
    "raw_return", "benchmark_return", "adjusted_return", "abnormal_return", "net_return", *LOSSES
]  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """Returns by event, horizon by horizon."""

    entries: Integers
    """By event: the position of its entry; -1 where there is none."""
    at_open: npt.NDArray[np.bool_]
    """By event: whether it is entered at the open."""
    horizons: list[int]
    columns: list[dict[str, npt.NDArray]]
    """By horizon: ``RETURNS``, `exit_date`, `is_delisted` and `unpriced_reason`, each by event."""

    def returns(self, name: str) -> Floats:
        """By event and horizon: one of ``RETURNS``; NaN where it is missing."""
        return np.stack([of_horizon[name] for of_horizon in self.columns], axis=1)


def session_numbers(events: pd.DataFrame, name: str) -> Integers:
    """A column of whole numbers; -1 where there is none."""
    return events[name].to_numpy(float, na_value=-1).astype(np.int64)


def measure(series: Series, events: pd.DataFrame, horizons: Sequence[int]) -> Measured:
    """Measures every event.

    Args:
        series: The daily prices.
        events: A row per event: `series_id` (null where no symbol was known), `has_prices`, `tradable_number` (null where the
            calendar has no session to enter) and `has_past`.
        horizons: Sessions from entry to exit.
    """
    owners, numbers = session_numbers(events, "series_id"), session_numbers(events, "tradable_number")
    entries = series.entries(owners, numbers)
    entered = np.flatnonzero(entries >= 0)
    at_open = np.zeros(entries.size, bool)
    at_open[entered] = series.opens(entries[entered])
    reasons = _reasons_without_entry(series, events, owners, numbers, entries)
    return Measured(
        entries,
        at_open,
        list(horizons),
        [_of_horizon(series, entries, entered, reasons, horizon) for horizon in horizons],
    )


def _reasons_without_entry(
    series: Series, events: pd.DataFrame, owners: Integers, numbers: Integers, entries: Integers
) -> npt.NDArray[np.object_]:
    has_prices = events["has_prices"].astype("boolean").fillna(False).to_numpy(bool)
    reached = np.full(owners.size, -1)
    known = owners >= 0
    reached[known] = series.reached[owners[known]]
    reasons = {
        "archive_begins": ~events["has_past"].to_numpy(bool),
        "no_symbol": ~known,
        "no_price": ~has_prices,
        "horizon_not_reached": (entries < 0) & (numbers >= 0) & (numbers + series.rules.wait_sessions > reached),
        "no_entry": entries < 0,
    }  # fmt: skip
    return _first_of(reasons, owners.size)


def _of_horizon(
    series: Series, entries: Integers, entered: Integers, reasons: npt.NDArray[np.object_], horizon: int
) -> dict[str, npt.NDArray]:
    held = Holdings.of(series, entries[entered], horizon)
    has_return = np.isfinite(held.raw)
    found = {
        "raw_return": held.raw,
        "benchmark_return": np.where(has_return, held.benchmark, np.nan),
        "adjusted_return": held.adjusted,
        "abnormal_return": held.abnormal,
        "net_return": held.adjusted - 2 * series.rules.cost_bps / 10_000,
        **{name: held.adjusted_if_lost(share) for name, share in LOSSES.items()},
        "exit_date": np.where(has_return, series.days[series.day[held.exits]].astype(DATE), np.datetime64("NaT")),
        "is_delisted": held.is_delisted,
        "unpriced_reason": _first_of(
            {
                "horizon_not_reached": held.is_waiting,
                "suspect_series": held.is_suspect,
                "no_exit": ~held.has_exit,
                "no_benchmark": ~np.isfinite(held.adjusted),
                "short_estimation": ~np.isfinite(held.abnormal),
            },
            entered.size,
        ),
    }  # fmt: skip
    columns: dict[str, npt.NDArray] = {
        **{name: np.full(entries.size, np.nan) for name in RETURNS},
        "exit_date": np.full(entries.size, np.datetime64("NaT"), DATE),
        "is_delisted": np.zeros(entries.size, bool),
        "unpriced_reason": np.full(entries.size, None, object),
    }
    for name, values in found.items():
        columns[name][entered] = values
    # An event with a reason of its own is not entered: nobody knows whether it is one, or where its prices are.
    columns["unpriced_reason"] = np.where(entries >= 0, columns["unpriced_reason"], reasons)
    return columns


def _first_of(reasons: Mapping[str, npt.NDArray[np.bool_]], size: int) -> npt.NDArray[np.object_]:
    """By row: the first reason that applies; None where none does."""
    found = np.full(size, None, object)
    for reason, applies in reversed(reasons.items()):
        found[applies] = reason
    return found
