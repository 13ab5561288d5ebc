"""The path of the average around the entry: what led to the events, and what came after them, session by session."""

import numpy as np
import pandas as pd

from event_study.holdings import Holdings
from event_study.partitions import partition
from event_study.series import Floats, Integers, Series
from event_study.verdict import Study, interval

FIRST, LAST = -20, 63


def path(study: Study, series: Series) -> pd.DataFrame:
    """One row per event kind and session from 20 before the entry to 63 after it.

    After the entry a row is what holding so long earned, less the benchmark, as everywhere in the study. Before it, where the
    price stood against the one that was paid, less the same of the benchmark: below zero where shares rose towards the entry.

    Args:
        study: The events.
        series: The daily prices.
    """
    kinds = study.events["event_kind"].to_numpy(object)
    part = partition("event_kind", kinds, kinds)
    entered = np.flatnonzero(study.entries >= 0)
    rows: list[dict[str, object]] = []
    for session in range(FIRST, LAST + 1):
        adjusted = np.full(study.entries.size, np.nan)
        adjusted[entered] = standing(series, study.entries[entered], session)
        for group, (kind, _) in enumerate(part.labels):
            chosen = np.flatnonzero((part.codes == group) & np.isfinite(adjusted))
            values = adjusted[chosen]
            low, high = interval(values, study.weeks[chosen], max(abs(session), 1))
            rows.append(
                {
                    "event_kind": kind,
                    "session_number": session,
                    "n_events": values.size,
                    "mean": values.mean() if values.size else np.nan,
                    "bootstrap_low": low,
                    "bootstrap_high": high,
                }
            )
    return pd.DataFrame(rows)


def standing(series: Series, entries: Integers, session: int) -> Floats:
    """By entry: the benchmark-adjusted return from the entry to the close of a session after it; of one before it, back to it."""
    held = Holdings.of(series, entries, max(session, 0))
    if session >= 0:
        return held.adjusted
    before = entries + session
    there = before >= (series.start + series.first)[series.owner[entries]]
    before = np.where(there, before, entries)
    known = there & ~held.is_suspect & (series.suspects[before] == series.suspects[entries])
    with np.errstate(divide="ignore", invalid="ignore"):
        stood = series.close[before] / held.paid - series.benchmark[before] / held.benchmark_paid
    return np.where(known, stood, np.nan)
