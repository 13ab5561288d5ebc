"""From what the models say happened to what it earned, and what that proves."""

from pathlib import Path

import numpy as np
import pandas as pd

from event_study import tables
from event_study.holdings import Holdings
from event_study.path import path
from event_study.ranks import EARNED, ranks
from event_study.regressions import regressions
from event_study.returns import Measured, measure, session_numbers
from event_study.series import Series
from event_study.verdict import Study, event_study, placebo_means


def run(database: Path) -> str:
    """Measures the events and writes the tables of the study into the schema of the marts.

    Without prices or events the tables of the verdict have no rows.

    Args:
        database: The working database with the models of the event study; nobody else may have it open.

    Returns:
        A sentence that says what was done.
    """
    with tables.opened(database) as connection:
        _, horizons = tables.read_rules(connection)
        series, events = tables.read_series(connection), tables.read_events(connection)
        measured = measure(series, events, horizons)
        results: dict[str, pd.DataFrame] = {}
        if series.close.size and events["has_past"].any():
            results = _results(series, events, measured, tables.read_panel(connection))
        tables.write(connection, events, measured, series, results)
    if not results:
        return "event study: there are no events with prices, so the tables of the verdict have no rows"
    rows = ", ".join(f"{len(frame):,} rows in {name}" for name, frame in results.items())
    return f"event study: {len(events) * len(horizons):,} rows in signal_returns, {rows}"


def _results(
    series: Series, events: pd.DataFrame, measured: Measured, panel: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    study = Study.of(events, measured, series)
    verdict = event_study(study, series)
    if not verdict.empty:
        verdict["score_version"] = int(events["score_version"].iloc[0])
    return {
        "event_study": verdict,
        "event_study_regressions": regressions(study),
        "event_study_ranks": ranks(_with_returns(series, panel, measured.horizons)),
        "event_study_path": path(study, series),
        "event_study_placebo": _with_percentile(placebo_means(study, series), verdict),
    }


def _with_percentile(placebo: pd.DataFrame, verdict: pd.DataFrame) -> pd.DataFrame:
    """The shifted means of the headline rows that have a placebo percentile."""
    if placebo.empty:
        return placebo
    chosen = (verdict["slice"] == "event_kind") & (verdict["return_kind"] == "adjusted")
    rows = verdict[chosen & verdict["placebo_percentile"].notna()]
    return placebo.merge(rows[["event_kind", "horizon"]])


def _with_returns(series: Series, panel: pd.DataFrame, horizons: list[int]) -> pd.DataFrame:
    """The panel with the benchmark-adjusted return of each row, a column for each horizon."""
    entries = series.entries(session_numbers(panel, "series_id"), session_numbers(panel, "tradable_number"))
    entered = np.flatnonzero(entries >= 0)
    earned = {}
    for horizon in horizons:
        values = np.full(len(panel), np.nan)
        values[entered] = Holdings.of(series, entries[entered], horizon).adjusted
        earned[f"{EARNED}{horizon}"] = values
    return panel.assign(**earned)
