"""The table of the verdict: every slice, horizon and return kind with all its tests."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from event_study import estimators, placebo
from event_study.calendar_time import portfolios
from event_study.partitions import AT_TRANSACTION, Partition, looks_ahead, partition, slices
from event_study.returns import Measured, session_numbers
from event_study.series import Floats, Integers, Series, week_numbers

RETURN_KINDS = {
    "raw": "raw_return",
    "adjusted": "adjusted_return",
    "abnormal": "abnormal_return",
    "net": "net_return",
    "adjusted_delisting_30": "adjusted_return_delisting_30",
    "adjusted_delisting_100": "adjusted_return_delisting_100",
}
# Kinds whose shifted windows are computed, and for which kinds they stand.
SHIFTED = {"raw": ["raw"], "adjusted": ["adjusted", "net"], "abnormal": ["abnormal"]}
# Up to here windows of one week's events hardly meet those of the next; beyond, weeks are no independent clusters.
LONGEST_WEEKLY = 5
ILLUSION = "illusion"
ILLUSION_VALUE = "entry at the transaction date less entry after publication"
# What is tested, its interval and its p: up to so many sessions of the week's clusters, beyond of the calendar-time portfolio.
TESTED = [
    ("tested_mean", "mean", "mean_calendar"),
    ("ci_low", "week_low", "calendar_low"),
    ("ci_high", "week_high", "calendar_high"),
    ("p_value", "p_week", "p_calendar"),
]
WITH_WINDOWS = [
    *(f"{number}_{way}" for number in ("t", "p") for way in ("week", "issuer", "two_way", "calendar")),
    *("ci_low", "ci_high", "p_value", "bootstrap_low", "bootstrap_high", "placebo_percentile"),
]
KEY = ["event_kind", "slice", "slice_value", "horizon", "return_kind"]


@dataclass(frozen=True)
class Study:
    """Events with what they earned.

    The frame ``events`` has a row per event (int_study_events); ``earned`` has, by return kind, a value per event and horizon.
    """

    events: pd.DataFrame
    horizons: list[int]
    earned: dict[str, Floats]
    """By return kind: events by horizons, null where unpriced."""
    entries: Integers
    """By event: the position of the entry among the prices; -1 where there is none."""
    days: Integers
    """By event: the entry's place among the sessions; -1 where there is none."""
    weeks: Integers
    """By event: the week of the entry, numbered from the first; -1 where there is none."""
    months: Integers
    """By event: the month of the entry, counted from a fixed one; -1 where there is none."""
    issuers: Integers

    @classmethod
    def of(cls, events: pd.DataFrame, measured: Measured, series: Series) -> "Study":
        """From int_study_events and what was measured of them.

        A day whose quiet time begins before the archive does is no event.
        """
        chosen = np.flatnonzero(events["has_past"].to_numpy(bool))
        events, entries = events.iloc[chosen].reset_index(drop=True), measured.entries[chosen]
        entered = entries >= 0
        days = np.full(entries.size, -1)
        days[entered] = series.day[entries[entered]]
        dates = series.days[days]
        weeks, months = week_numbers(dates), dates.astype("datetime64[M]").astype(np.int64)
        first = weeks[entered].min(initial=np.iinfo(np.int64).max)
        issuers = events["source"].astype(str) + "\0" + events["issuer_id"].astype(str)
        return cls(
            events=events,
            horizons=measured.horizons,
            earned={kind: measured.returns(name)[chosen] for kind, name in RETURN_KINDS.items()},
            entries=entries,
            days=days,
            weeks=np.where(entered, weeks - first, -1),
            months=np.where(entered, months, -1),
            issuers=pd.factorize(issuers)[0].astype(np.int64),
        )

    def take(self, events: Integers, earned: dict[str, Floats]) -> "Study":
        """Some of the events, with other returns of theirs."""
        return Study(
            events=self.events.iloc[events],
            horizons=self.horizons,
            earned=earned,
            entries=self.entries[events],
            days=self.days[events],
            weeks=self.weeks[events],
            months=self.months[events],
            issuers=self.issuers[events],
        )


def event_study(study: Study, series: Series) -> pd.DataFrame:
    """One row per event kind, slice, slice value, horizon and return kind.

    Args:
        study: The events and their returns.
        series: The daily prices, for the portfolios and the placebo, and what a trade costs.
    """
    partitions = slices(study.events)
    rows: list[dict[str, object]] = []
    for number, part in enumerate(partitions):
        rows += _tests(study, part, number)
    rows += _illusion(study)
    table = pd.DataFrame(rows)
    if table.empty:
        return table
    table = table.set_index(["partition", "group", "horizon", "return_kind"])
    cost = series.rules.cost_bps / 10_000
    calendar = _calendar(study, series, partitions, cost)
    shifted = _percentiles(study, series, partitions)
    for name, values in {**calendar, "placebo_percentile": shifted}.items():
        table[name] = pd.Series(values, dtype=float).reindex(table.index) if values else np.nan
    table = table.reset_index()
    return _finish(table)


def _tests(study: Study, part: Partition, number: int) -> list[dict[str, object]]:
    """What needs only the events' own returns."""
    groups, inside = len(part.labels), np.flatnonzero(part.codes >= 0)
    codes, weeks = part.codes[inside], study.weeks[inside]
    shared = estimators.Shared.of(codes, np.maximum(weeks, 0), study.issuers[inside])
    events = np.bincount(codes, minlength=groups)
    rows = []
    for column, horizon in enumerate(study.horizons):
        breakeven = _breakeven(study.earned["adjusted"][:, column], part)
        for kind, values in study.earned.items():
            earned = values[inside, column]
            keep = np.flatnonzero(np.isfinite(earned))
            tests = estimators.mean_tests(earned[keep], shared.take(keep), codes[keep], groups)
            ordered = keep[np.argsort(codes[keep].astype(np.int16), kind="stable")]
            bounds = np.searchsorted(codes[ordered], np.arange(groups + 1))
            for group in range(groups):
                chosen = ordered[bounds[group] : bounds[group + 1]]
                outcome = tests.of(group)
                low, high = np.nan, np.nan
                if horizon > LONGEST_WEEKLY:
                    low, high = interval(earned[chosen], weeks[chosen], horizon)
                event_kind, value = part.labels[group]
                rows.append(
                    {
                        "partition": number,
                        "group": group,
                        "event_kind": event_kind,
                        "slice": part.slice,
                        "slice_value": value,
                        "horizon": horizon,
                        "return_kind": kind,
                        **outcome,
                        "n_effective": estimators.effective_periods(study.days[inside[chosen]], horizon),
                        "bootstrap_low": low,
                        "bootstrap_high": high,
                        "breakeven_cost_bps": breakeven[group],
                        "share_unpriced": 1 - outcome["n_events"] / events[group],
                    }
                )
    return rows


def _breakeven(adjusted: Floats, part: Partition) -> Floats:
    """By group: the cost of one trade, in hundredths of a percent, that eats the mean adjusted return when paid twice."""
    keep = np.flatnonzero(np.isfinite(adjusted) & (part.codes >= 0))
    codes, groups = part.codes[keep], len(part.labels)
    with np.errstate(invalid="ignore"):
        means = np.bincount(codes, weights=adjusted[keep], minlength=groups) / np.bincount(
            codes, minlength=groups
        )
    return means / 2 * 10_000


def interval(values: Floats, weeks: Integers, horizon: int) -> tuple[float, float]:
    """The block bootstrap's interval of a mean."""
    if not values.size:
        return np.nan, np.nan
    since = weeks - weeks.min()
    sums, counts = np.bincount(since, weights=values), np.bincount(since).astype(float)
    return estimators.block_bootstrap(sums, counts, estimators.block_of(horizon))


def _illusion(study: Study) -> list[dict[str, object]]:
    """The same events entered at their transaction date, less what they earned from the right entry on."""
    ahead = looks_ahead(study.events)
    names = study.events["event_id"].astype(str)
    right = names[ahead].str.replace(AT_TRANSACTION, "", n=1, regex=False)
    pairs = pd.Index(names).get_indexer(right)
    there = pairs >= 0
    own, other = np.flatnonzero(ahead)[there], pairs[there]
    if not own.size:
        return []
    kinds = study.events["event_kind"].to_numpy(object)[other]
    part = partition(ILLUSION, kinds, np.full(own.size, ILLUSION_VALUE, object))
    difference = study.take(
        other, {kind: values[own] - values[other] for kind, values in study.earned.items()}
    )
    rows = _tests(difference, part, -1)
    return [{**row, "breakeven_cost_bps": np.nan} for row in rows]


Keyed = dict[tuple[int, int, int, str], float]
CALENDAR = ["t_calendar", "p_calendar", "mean_calendar", "calendar_low", "calendar_high"]


def _calendar(study: Study, series: Series, partitions: Sequence[Partition], cost: float) -> dict[str, Keyed]:
    """Calendar-time tests for the horizons whose windows overlap; daily means and their intervals times the sessions held."""
    horizons = [horizon for horizon in study.horizons if horizon > LONGEST_WEEKLY]
    found: dict[str, Keyed] = {name: {} for name in CALENDAR}
    for number, part in enumerate(partitions):
        for portfolio in portfolios(series, study.entries, part, horizons, cost):
            test = estimators.newey_west(portfolio.returns, portfolio.span)
            key = (number, portfolio.group, portfolio.horizon, portfolio.return_kind)
            values = (test.mean, *test.interval)
            scaled = (value * portfolio.horizon for value in values)
            for name, value in zip(CALENDAR, (test.t, test.p, *scaled), strict=True):
                found[name][key] = value
    return found


def _percentiles(study: Study, series: Series, partitions: Sequence[Partition]) -> Keyed:
    """Placebo percentiles of every group. The costs of net returns are the same at all times, and leave no trace in them."""
    owners = session_numbers(study.events, "series_id")
    numbers = session_numbers(study.events, "tradable_number")
    right = np.flatnonzero((study.entries >= 0) & ~looks_ahead(study.events))
    result: Keyed = {}
    if not right.size:
        return result
    parts = [part.take(right) for part in partitions]
    grouped = placebo.Grouped(parts, study.weeks[right])
    groups = [(number, group) for number, part in enumerate(parts) for group in range(len(part.labels))]
    for column, horizon in enumerate(study.horizons):
        draws = placebo.offsets(series, horizon)
        if draws.size < placebo.LEAST_DRAWS:
            continue
        outcomes = placebo.outcomes(series, horizon, study.entries[right], list(SHIFTED))
        quiet = placebo.Quiet.of(series, outcomes["adjusted"], horizon)
        true = {kind: study.earned[kind][right, column] for kind in SHIFTED}
        reuse = {
            kind: quiet.reuse(owners[right], np.isfinite(earned), parts) for kind, earned in true.items()
        }
        positions = placebo.shifted(series, owners[right], numbers[right], draws)
        places = placebo.percentiles(outcomes, positions, true, grouped, reuse)
        for kind, names in SHIFTED.items():
            for name in names:
                result |= {
                    (*group, horizon, name): place for group, place in zip(groups, places[kind], strict=True)
                }
    return result


def placebo_means(study: Study, series: Series) -> pd.DataFrame:
    """One row per event kind, horizon and shift of the calendar: the shifted mean on the scale of the true one beside it.

    Of the headline rows alone: all events of a kind, benchmark-adjusted, entered after publication. The share of the shifted means
    below the true one is the row's placebo percentile.
    """
    right = np.flatnonzero((study.entries >= 0) & ~looks_ahead(study.events))
    rows: list[dict[str, object]] = []
    if not right.size:
        return pd.DataFrame(rows)
    kinds = study.events["event_kind"].to_numpy(object)[right]
    parts = [partition("event_kind", kinds, kinds)]
    grouped = placebo.Grouped(parts, study.weeks[right])
    owners, numbers = (
        session_numbers(study.events, name)[right] for name in ("series_id", "tradable_number")
    )
    for column, horizon in enumerate(study.horizons):
        shifts = placebo.offsets(series, horizon)
        if shifts.size < placebo.LEAST_DRAWS:
            continue
        outcome = placebo.outcomes(series, horizon, study.entries[right], ["adjusted"])["adjusted"]
        true = study.earned["adjusted"][right, column]
        reuse = placebo.Quiet.of(series, outcome, horizon).reuse(owners, np.isfinite(true), parts)
        positions = placebo.shifted(series, owners, numbers, shifts)
        placed = placebo.distribution(outcome, positions, true, grouped, reuse)
        for group, (kind, _) in enumerate(parts[0].labels):
            for shift, mean in zip(shifts, placed.shifted[group], strict=True):
                if np.isfinite(mean):
                    rows.append(
                        {"event_kind": kind, "horizon": horizon, "shift_sessions": int(shift), "mean": mean}
                    )
    return pd.DataFrame(rows)


def _finish(table: pd.DataFrame) -> pd.DataFrame:
    """The test that counts for each row with the interval that belongs to it, and what is left of it among so many."""
    short = table["horizon"] <= LONGEST_WEEKLY
    for name, weekly, calendar in TESTED:
        table[name] = table[weekly].where(short, table[calendar])
    # Of one or two windows nobody can say how much windows differ. The naive test knows no windows, and is shown for what it is.
    few = table["n_effective"] < estimators.MINIMUM_STRETCHES
    table.loc[few, WITH_WINDOWS] = np.nan
    table["p_value_from"] = np.where(table["p_value"].isna(), None, np.where(short, "week", "calendar"))
    table["is_looking_ahead"] = table["event_kind"].str.endswith(AT_TRANSACTION) | (
        table["slice"] == ILLUSION
    )
    # What looks ahead is significant by construction; among the tests it would make the others' bar lower.
    tests = table["p_value"].where(~table["is_looking_ahead"]).to_numpy(float)
    table["n_tests"] = int(np.isfinite(tests).sum())
    table["q_bh"] = estimators.false_discovery(tests, dependent=False)
    table["q_by"] = estimators.false_discovery(tests, dependent=True)
    return table.drop(columns=["partition", "group"]).sort_values(KEY, ignore_index=True)
