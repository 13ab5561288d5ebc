"""From the tables of the build to the tables of the verdict."""

from pathlib import Path

import pandas as pd

from event_study import tables
from event_study.ranks import ranks
from event_study.regressions import regressions
from event_study.verdict import Study, event_study


def run(database: Path) -> str:
    """Writes the result tables into the schema of the marts; without prices or events they have no rows.

    Args:
        database: The working database after a build; nobody else may have it open.

    Returns:
        What was done, in a sentence.
    """
    with tables.opened(database) as connection:
        results: dict[str, pd.DataFrame] = {}
        series = tables.read_series(connection)
        if series is not None:
            results = _results(connection, series)
        tables.write(connection, results)
    if not results:
        return "study: there are no events with prices, so the result tables have no rows"
    rows = ", ".join(f"{len(frame):,} rows in {name}" for name, frame in results.items())
    return f"study: {rows}"


def _results(connection, series) -> dict[str, pd.DataFrame]:
    events, returns = tables.read_events(connection), tables.read_returns(connection)
    if events.empty:
        return {}
    study = Study.of(events, returns, series.days)
    verdict = event_study(study, series)
    if not verdict.empty:
        verdict["score_version"] = int(events["score_version"].iloc[0])
    return {
        "event_study": verdict,
        "event_study_regressions": regressions(study),
        "event_study_ranks": ranks(tables.read_panel(connection)),
    }
