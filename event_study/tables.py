"""Reads what the build left in the working database, and writes the results beside the other marts.

The tables come as Arrow, a part at a time; ten million prices are never held twice.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from event_study.ranks import EARNED, QUINTILES, VARIANTS
from event_study.series import Estimation, Rules, Series, market_model

SCHEMA = "marts"
ROWS_AT_ONCE = 500_000
MEMORY = "500MB"
ESTIMATION = ["count", "r", "m", "rm", "mm"]

EVENT_STUDY = {
    "event_kind": "varchar",
    "slice": "varchar",
    "slice_value": "varchar",
    "score_version": "integer",
    "horizon": "integer",
    "return_kind": "varchar",
    "is_looking_ahead": "boolean",
    "n_events": "bigint",
    "n_weeks": "bigint",
    "n_issuers": "bigint",
    "n_effective": "double",
    "mean": "double",
    "median": "double",
    "share_positive": "double",
    "t_naive": "double",
    "t_week": "double",
    "t_issuer": "double",
    "t_two_way": "double",
    "t_calendar": "double",
    "mean_calendar": "double",
    "tested_mean": "double",
    "ci_low": "double",
    "ci_high": "double",
    "bootstrap_low": "double",
    "bootstrap_high": "double",
    "p_naive": "double",
    "p_week": "double",
    "p_issuer": "double",
    "p_two_way": "double",
    "p_calendar": "double",
    "p_value": "double",
    "p_value_from": "varchar",
    "n_tests": "bigint",
    "q_bh": "double",
    "q_by": "double",
    "placebo_percentile": "double",
    "breakeven_cost_bps": "double",
    "share_unpriced": "double",
}
REGRESSIONS = {
    "model": "varchar",
    "return_kind": "varchar",
    "horizon": "integer",
    "term": "varchar",
    "estimate": "double",
    "n_events": "bigint",
    "n_weeks": "bigint",
    "n_issuers": "bigint",
    "r_squared": "double",
    **{f"{number}_{way}": "double" for way in ("week", "issuer", "two_way") for number in ("se", "t", "p")},
    "fm_estimate": "double",
    "fm_t": "double",
    "fm_p": "double",
    "fm_months": "bigint",
    "q_bh": "double",
    "q_by": "double",
}
RANKS = {
    "score_variant": "varchar",
    "horizon": "integer",
    "n_weeks": "bigint",
    "mean_names": "double",
    "mean_rank_ic": "double",
    "share_positive": "double",
    "t_rank_ic": "double",
    "p_rank_ic": "double",
    "q_bh": "double",
    "q_by": "double",
    "rank_ic_less_version_1": "double",
    "t_less_version_1": "double",
    **{f"quintile_{number + 1}": "double" for number in range(QUINTILES)},
    "top_less_bottom": "double",
    "t_top_less_bottom": "double",
    "p_top_less_bottom": "double",
    "monotonicity": "double",
    "share_unpriced": "double",
}
TABLES = {"event_study": EVENT_STUDY, "event_study_regressions": REGRESSIONS, "event_study_ranks": RANKS}
KEYS = {
    "event_study": ["event_kind", "slice", "slice_value", "horizon", "return_kind"],
    "event_study_regressions": ["model", "return_kind", "horizon", "term"],
    "event_study_ranks": ["score_variant", "horizon"],
}


@contextmanager
def opened(database: Path, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """The working database; bounded in memory, for the statistics need theirs."""
    with duckdb.connect(str(database), read_only=read_only) as connection:
        connection.execute(f"set memory_limit = '{MEMORY}'")
        yield connection


def read_rules(connection: duckdb.DuckDBPyConnection) -> Rules:
    """How the build measured."""
    (settings,) = _frame(connection, "select * from intermediate.int_study_settings").to_dict("records")
    return Rules(**settings)


def read_events(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row per event; a day whose quiet time begins before the archive does is none."""
    return _frame(connection, "select * from intermediate.int_study_events where has_past")


def read_returns(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row per event and horizon, with the columns that the statistics use."""
    return _frame(
        connection,
        """
        select
            event_id, horizon, raw_return, adjusted_return, abnormal_return, net_return,
            adjusted_return_delisting_30, adjusted_return_delisting_100
        from marts.signal_returns
        where unpriced_reason is distinct from 'archive_begins'
        """,
    )


def read_panel(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Every scored issuer of every week, with its scores, and what it earned in a column `earned_<horizon>` each."""
    horizons = connection.execute(
        "select distinct horizon from intermediate.int_position_returns order by horizon"
    ).fetchall()
    earned = [
        f"max(adjusted_return) filter (where horizon = {int(horizon)}) as {EARNED}{int(horizon)}"
        for (horizon,) in horizons
    ]
    return _frame(
        connection,
        f"""
        with returns as (
            select {", ".join(["series_id", "tradable_number", *earned])}
            from intermediate.int_position_returns
            group by series_id, tradable_number
        )

        select variants.signal_date, {", ".join(VARIANTS)}, returns.* exclude (series_id, tradable_number)
        from intermediate.int_score_variants as variants
        left join returns using (series_id, tradable_number)
        """,
    )


def read_series(connection: duckdb.DuckDBPyConnection) -> Series | None:
    """The daily prices; None where there are none."""
    rules = read_rules(connection)
    issuers = _frame(
        connection,
        """
        select series_id, exchange_calendar, first_number, last_number, market_last_number
        from intermediate.int_study_issuers
        """,
    )
    ids = issuers["series_id"].to_numpy(np.int64)
    # Issuers without a price have no sessions, but events of them are there.
    size, priced = int(ids.max(initial=-1)) + 1, issuers["first_number"].notna().to_numpy()
    issuers, ids = issuers[priced], ids[priced]
    if not ids.size:
        return None
    first, last = np.zeros(size, np.int64), np.full(size, -1)
    first[ids], last[ids] = issuers["first_number"], issuers["last_number"]
    calendar, ended = np.zeros(size, np.int64), np.zeros(size, bool)
    calendar[ids] = pd.factorize(issuers["exchange_calendar"])[0]
    ended[ids] = issuers["last_number"] < issuers["market_last_number"]
    lengths = last - first + 1
    start = np.cumsum(lengths) - lengths - first
    sessions = int(lengths.sum())

    def empty() -> np.ndarray:
        return np.full(sessions, np.nan)

    columns = {
        name: empty()
        for name in (
            "adjusted_open", "adjusted_close", "benchmark_open", "benchmark_close", "daily_return", "benchmark_return",
            *(f"estimation_{name}" for name in ESTIMATION),
        )
    }  # fmt: skip
    following, span = np.full(sessions, -1), np.ones(sessions, np.int32)
    dates, suspects = np.zeros(sessions, np.int32), np.zeros(sessions, np.int32)
    delisting = np.full(size, np.nan)
    reader = connection.execute(
        f"""
        select
            series_id, session_number, session_date, is_priced, next_priced_number, span_sessions, benchmark_age, suspect_count,
            delisting_return, {", ".join(columns)}
        from intermediate.int_study_series
        """
    ).to_arrow_reader(ROWS_AT_ONCE)
    for batch in reader:
        series = _numbers(batch, "series_id").astype(np.int64)
        number = _numbers(batch, "session_number").astype(np.int64)
        at = start[series] + number
        priced = _numbers(batch, "is_priced").astype(bool)
        # As long as a price is waited for a benchmark's close may be carried forward.
        stale = ~(_numbers(batch, "benchmark_age") <= rules.wait_sessions)
        for name, values in columns.items():
            found = _numbers(batch, name)
            if name in ("adjusted_open", "adjusted_close", "daily_return"):
                found[~priced] = np.nan
            if name == "benchmark_close":
                found[stale] = np.nan
            values[at] = found
        wait = _numbers(batch, "next_priced_number") - number
        following[at] = np.where(wait <= rules.wait_sessions, at + np.nan_to_num(wait).astype(np.int64), -1)
        span[at] = np.nan_to_num(_numbers(batch, "span_sessions"), nan=1.0).astype(np.int32)
        suspects[at] = _numbers(batch, "suspect_count").astype(np.int32)
        dates[at] = batch.column("session_date").cast(pa.int32()).to_numpy(zero_copy_only=False)
        left = _numbers(batch, "delisting_return")
        known = np.isfinite(left)
        delisting[series[known]] = left[known]
    earliest = dates.min()
    is_session = np.bincount(dates - earliest) > 0
    sums = Estimation(*(columns.pop(f"estimation_{name}") for name in ESTIMATION))
    alpha, beta = empty(), empty()
    positions = np.repeat(start + first, lengths)
    for begin in range(0, sessions, ROWS_AT_ONCE):
        part = slice(begin, begin + ROWS_AT_ONCE)
        entries = np.arange(begin, min(begin + ROWS_AT_ONCE, sessions))
        alpha[part], beta[part] = market_model(sums, positions[part], entries, rules)
    return Series(
        start=start,
        first=first,
        last=last,
        calendar=calendar,
        day=(np.cumsum(is_session, dtype=np.int32) - 1)[dates - earliest],
        days=(np.flatnonzero(is_session) + earliest).astype("datetime64[D]"),
        close=columns["adjusted_close"],
        open=columns["adjusted_open"],
        benchmark=columns["benchmark_close"],
        benchmark_open=columns["benchmark_open"],
        following=following,
        daily=columns["daily_return"],
        daily_benchmark=columns["benchmark_return"],
        span=span,
        suspects=suspects,
        delisting=delisting,
        ended=ended,
        alpha=alpha,
        beta=beta,
        rules=rules,
    )


def _numbers(batch: pa.RecordBatch, name: str) -> np.ndarray:
    """A column as doubles, missing ones as NaN; the caller's own."""
    column = batch.column(name)
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    return np.array(column.cast(pa.float64()).to_numpy(zero_copy_only=False))


def _frame(connection: duckdb.DuckDBPyConnection, query: str) -> pd.DataFrame:
    return connection.execute(query).to_arrow_table().to_pandas(date_as_object=False)


def write(connection: duckdb.DuckDBPyConnection, results: Mapping[str, pd.DataFrame]) -> None:
    """Replaces the result tables, all or none; a table without rows has its columns all the same."""
    connection.execute("begin")
    for name, columns in TABLES.items():
        typed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        connection.execute(f"create or replace table {SCHEMA}.{name} ({typed})")
        frame = results.get(name)
        if frame is not None and not frame.empty:
            rows = pa.Table.from_pandas(frame[list(columns)], preserve_index=False)
            # NaN is a number to DuckDB; what could not be computed is null.
            values = ", ".join(
                f"case when isnan({column}) then null else {column} end" if kind == "double" else column
                for column, kind in columns.items()
            )
            connection.register("rows", rows)
            connection.execute(
                f"insert into {SCHEMA}.{name} select {values} from rows order by {', '.join(KEYS[name])}"
            )
            connection.unregister("rows")
    connection.execute("commit")
