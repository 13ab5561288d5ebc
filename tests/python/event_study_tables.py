"""The tables that the statistics read, made from a simulated market: the study without dbt.

Prices have opens on some sessions, holes, and series that end; what events earned is computed in plain loops.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from event_study import tables
from event_study.series import Rules
from sandbox.market import Market, simulate

HORIZONS = [1, 5, 10, 21, 63, 126]
COST_BPS = 10.0
WAIT = 5
FIRST_NUMBER = 4000  # session numbers do not begin at 0
ROLES = ["chief_executive", "chief_financial", "director", None]
DATES = np.busday_offset(np.datetime64("2021-01-04"), np.arange(2000))


def prices(
    market: Market, seed: int, gaps: float = 0.01, delisted: int = 3, opens: float = 0.5
) -> pd.DataFrame:
    """int_study_series of a market."""
    rng = np.random.default_rng(seed)
    sessions, issuers = market.returns.shape
    index = np.cumprod(1 + market.benchmark)
    index_open = np.where(rng.random(sessions) < 0.9, index / (1 + 0.4 * market.benchmark), np.nan)
    frames = []
    for issuer in range(issuers):
        last = sessions - 1 - (100 + 20 * issuer if issuer < delisted else 0)
        at = np.arange(last + 1)
        jumped = (at >= 400) & (issuer == 7)  # at a split that its file does not tell
        close = np.cumprod(1 + market.returns[: last + 1, issuer]) * np.where(jumped, 0.25, 1.0)
        opened = close / (1 + 0.4 * market.returns[: last + 1, issuer])
        is_priced = rng.random(last + 1) >= gaps
        is_priced[[0, last]] = True
        numbers = np.flatnonzero(is_priced)
        following = numbers[np.searchsorted(numbers, at)]
        before = np.where(at > 0, numbers[np.maximum(np.searchsorted(numbers, at) - 1, 0)], 0)
        has_return = is_priced & (at > 0) & (jumped == jumped[before])
        daily = np.where(has_return, close / close[before] - 1, np.nan)
        daily_index = np.where(has_return, index[at] / index[before] - 1, np.nan)
        span = at - before
        serves = has_return & (span == 1)
        r, m = np.where(serves, daily, 0.0), np.where(serves, daily_index, 0.0)
        frames.append(
            pd.DataFrame(
                {
                    "series_id": issuer,
                    "market": "US",
                    "exchange_calendar": "XNYS",
                    "session_number": FIRST_NUMBER + at,
                    "session_date": DATES[at],
                    "is_priced": is_priced,
                    "next_priced_number": FIRST_NUMBER + following,
                    "adjusted_open": np.where(is_priced & (rng.random(last + 1) < opens), opened, np.nan),
                    "adjusted_close": np.where(is_priced, close, np.nan),
                    "benchmark_open": index_open[at],
                    "benchmark_close": index[at],
                    "benchmark_age": 0,
                    "daily_return": daily,
                    "benchmark_return": daily_index,
                    "span_sessions": np.where(has_return, span, 0),
                    "suspect_count": jumped[numbers[np.searchsorted(numbers, at, side="right") - 1]].astype(
                        int
                    ),
                    "delisting_return": np.where((at == last) & (issuer < delisted - 1), -0.5, np.nan),
                    "estimation_count": np.cumsum(serves),
                    "estimation_r": np.cumsum(r),
                    "estimation_m": np.cumsum(m),
                    "estimation_rm": np.cumsum(r * m),
                    "estimation_mm": np.cumsum(m * m),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def earned(series: pd.DataFrame, tradable: int, horizon: int, ends: int) -> dict[str, object]:
    """What an event tradable from a session earned, in plain steps; prices of one series, by session number."""
    nothing = dict.fromkeys(["raw", "adjusted", "abnormal", "d30", "d100"], np.nan)
    first, last = series.index[0], series.index[-1]
    entry = next(
        (n for n in range(tradable, tradable + WAIT + 1) if first <= n <= last and series.at[n, "is_priced"]),
        None,
    )
    if entry is None:
        return {**nothing, "entry": None, "reason": "no_entry"}
    row = series.loc[entry]
    at_open = bool(np.isfinite(row["adjusted_open"]) and np.isfinite(row["benchmark_open"]))
    price = row["adjusted_open"] if at_open else row["adjusted_close"]
    index = row["benchmark_open"] if at_open else row["benchmark_close"]
    target = entry + horizon
    lost = np.nan
    if target > last:
        if ends == last:
            return {**nothing, "entry": entry, "reason": "horizon_not_reached"}
        exit_number = last
        lost = series.at[last, "delisting_return"]
    else:
        exit_number = next(
            (n for n in range(target, target + WAIT + 1) if n <= last and series.at[n, "is_priced"]), None
        )
        if exit_number is None:
            return {**nothing, "entry": entry, "reason": "no_exit"}
    if series.at[exit_number, "suspect_count"] > row["suspect_count"]:
        return {**nothing, "entry": entry, "reason": "suspect_series"}
    growth = series.at[exit_number, "adjusted_close"] / price
    market = series.at[exit_number, "benchmark_close"] / index - 1
    if target > last:
        raw, low, lowest = growth * (1 + lost) - 1, growth * 0.7 - 1, -1.0
    else:
        raw = low = lowest = growth - 1
    return {
        "raw": raw,
        "adjusted": raw - market,
        "abnormal": raw - 1.1 * market if np.isfinite(raw) else np.nan,  # stands for a market model's
        "d30": low - market,
        "d100": lowest - market,
        "entry": entry,
        "reason": None if np.isfinite(raw) else "no_exit",
    }


def assert_measured_alike(database: Path) -> None:
    """The study computes every return of the build's positions, and none of the others."""
    with tables.opened(database, read_only=True) as connection:
        series = tables.read_series(connection)
        measured = (
            connection.execute("select * from intermediate.int_position_returns").to_arrow_table().to_pandas()
        )
    for horizon, expected in measured.groupby("horizon"):
        owners, numbers = (expected[name].to_numpy(np.int64) for name in ("series_id", "tradable_number"))
        entries = series.entries(series.positions(owners, numbers))
        there = entries >= 0
        found = series.returns(entries[there], int(horizon), with_abnormal=True)
        for kind, values in found.items():
            expected_values = expected[f"{kind}_return"].to_numpy(float)[there]
            np.testing.assert_allclose(values, expected_values, rtol=1e-8, atol=1e-10)
            assert np.isfinite(values).sum() > 1000
        # Only who waits from before the first price on is not looked for here.
        missed = expected[~there & expected["entry_number"].notna()]
        assert (missed["tradable_number"] < series.first[missed["series_id"]]).all()


def write(database: Path, seed: int = 1, with_prices: bool = True, **numbers: float) -> Market:
    """Writes the tables of one simulated market into a new database.

    Returns:
        The market, for what was planted in it.
    """
    market = simulate(seed, **numbers)
    rng = np.random.default_rng([seed, 1])
    series = prices(market, seed)
    by_series = {key: part.set_index("session_number") for key, part in series.groupby("series_id")}
    ends = int(series["session_number"].max())
    issuers = (
        series.groupby("series_id")["session_number"].agg(first_number="min", last_number="max").reset_index()
    )
    issuers = issuers.assign(
        source="feed", issuer_id=[f"C{key}" for key in issuers["series_id"]], market="US", exchange_calendar="XNYS",
        market_last_number=ends,
    )  # fmt: skip
    event_rows, return_rows = [], []
    for number, event in enumerate(market.events):
        issuer = int(event["issuer"])
        known = int(event["available_session"])
        buyers = int(rng.integers(1, 4))
        kind = "cluster" if rng.random() < 0.4 else "first_buy"
        value = float(rng.lognormal(11, 1))
        shared = {
            "source": "feed", "issuer_id": f"C{issuer}", "market": "US", "series_id": issuer, "has_past": True, "signal_date": DATES[known],
            "ticker": f"T{issuer}", "score": float(rng.normal(12, 2)), "score_version": 1, "score_quintile": int(rng.integers(1, 6)),
            "distinct_buyers": buyers, "is_senior": bool(rng.random() < 0.5), "role": ROLES[int(rng.integers(len(ROLES)))],
            "buy_value_to_volume": None if rng.random() < 0.1 else float(rng.lognormal(-2, 2)),
            "same_terms_buyers": int(rng.integers(1, buyers + 1)),
            "is_first_buy_in_year": [True, False, None][int(rng.integers(3))],
            "trading_pattern": ["opportunistic", "routine", "unclassified"][int(rng.integers(3))],
            "total_buy_value": value, "days_since_last_buy": int(rng.integers(0, 5)),
        }  # fmt: skip
        for suffix, session in (
            ("", event["entry_session"]),
            ("_at_transaction", event["transaction_session"]),
        ):
            name = f"{kind}{suffix}:feed:C{issuer}:{DATES[known]}:{number}"
            tradable = FIRST_NUMBER + int(session)
            results = {horizon: earned(by_series[issuer], tradable, horizon, ends) for horizon in HORIZONS}
            entry = results[1]["entry"]
            event_rows.append(
                {
                    **shared, "event_id": name, "event_kind": kind + suffix, "tradable_number": tradable, "entry_session_number": entry,
                    "entry_date": None if entry is None else DATES[entry - FIRST_NUMBER],
                }
            )  # fmt: skip
            for horizon, result in results.items():
                return_rows.append(
                    {
                        "event_id": name, "event_kind": kind + suffix, "horizon": horizon, "raw_return": result["raw"],
                        "adjusted_return": result["adjusted"], "abnormal_return": result["abnormal"],
                        "net_return": result["adjusted"] - 2 * COST_BPS / 10_000, "adjusted_return_delisting_30": result["d30"],
                        "adjusted_return_delisting_100": result["d100"], "unpriced_reason": result["reason"],
                    }
                )  # fmt: skip
    # An issuer that no price is known of, after all the others.
    unpriced = int(issuers["series_id"].max()) + 1
    without = {"first_number": None, "last_number": None, "series_id": unpriced, "issuer_id": f"C{unpriced}"}
    issuers = pd.DataFrame([*issuers.to_dict("records"), {**issuers.iloc[0], **without}])
    for column in ("first_number", "last_number"):
        issuers[column] = issuers[column].astype("Int64")
    name = f"first_buy:feed:C{unpriced}"
    nothing = {"event_id": name, "event_kind": "first_buy"}
    known = {
        "series_id": unpriced,
        "issuer_id": f"C{unpriced}",
        "entry_session_number": None,
        "entry_date": None,
    }
    event_rows.append({**event_rows[0], **nothing, **known})
    return_rows += [{**nothing, "horizon": horizon, "unpriced_reason": "no_price"} for horizon in HORIZONS]
    # And a day of which nobody knows whether it is an event.
    nothing = {"event_id": f"{name}:too early", "event_kind": "first_buy"}
    event_rows.append({**event_rows[0], **nothing, **known, "has_past": False})
    return_rows += [
        {**nothing, "horizon": horizon, "unpriced_reason": "archive_begins"} for horizon in HORIZONS
    ]
    panel_rows, position_rows = [], []
    for session in range(200, market.returns.shape[0] - 30, 5):
        for issuer in rng.permutation(market.returns.shape[1])[:25]:
            tradable = FIRST_NUMBER + session
            scores = rng.normal(10, 2, 6)
            panel_rows.append(
                (
                    DATES[session - 1],
                    "feed",
                    f"C{issuer}",
                    "US",
                    int(issuer),
                    tradable,
                    *(float(score) for score in scores),
                )
            )
            for horizon in (1, 5):
                result = earned(by_series[int(issuer)], tradable, horizon, ends)
                position_rows.append((int(issuer), tradable, horizon, result["adjusted"]))
    panel = pd.DataFrame(
        panel_rows,
        columns=["signal_date", "source", "issuer_id", "market", "series_id", "tradable_number", "score_version_1", "score_version_2",
                 "without_log_buy_value", "without_distinct_buyers", "without_senior_buyer", "without_days_since_last_buy"],
    )  # fmt: skip
    positions = pd.DataFrame(
        position_rows, columns=["series_id", "tradable_number", "horizon", "adjusted_return"]
    )
    frames = {
        "intermediate.int_study_settings": pd.DataFrame(
            [asdict(Rules(wait_sessions=WAIT, cost_bps=COST_BPS))]
        ),
        "intermediate.int_study_series": series,
        "intermediate.int_study_issuers": issuers,
        "intermediate.int_study_events": pd.DataFrame(event_rows),
        "marts.signal_returns": pd.DataFrame(return_rows),
        "intermediate.int_score_variants": panel,
        "intermediate.int_position_returns": positions,
    }
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema intermediate")
        connection.execute("create schema marts")
        for name, frame in frames.items():
            # Events stay: without prices they are there, unpriced.
            keep = with_prices or name.endswith(("settings", "events", "returns", "variants", "issuers"))
            connection.register("frame", frame)
            # Not in order: a table has none.
            dates = [column for column in frame if column.endswith("_date")]
            typed = ", ".join(f"cast({column} as date) as {column}" for column in dates)
            chosen = f"* replace ({typed})" if dates else "*"
            connection.execute(
                f"create table {name} as select {chosen} from frame where {keep} order by random()"
            )
            connection.unregister("frame")
        if not with_prices:
            connection.execute(
                "update intermediate.int_study_issuers set first_number = null, last_number = null"
            )
            connection.execute(
                "update intermediate.int_study_events set series_id = null, entry_session_number = null, entry_date = null"
            )
            connection.execute(
                "update marts.signal_returns set raw_return = null, adjusted_return = null, abnormal_return = null, net_return = null"
            )
        for name in frames:  # NaN comes from pandas; dbt's tables have nulls
            doubles = [
                column
                for column, kind, *_ in connection.execute(f"describe {name}").fetchall()
                if kind == "DOUBLE"
            ]
            for column in doubles:
                connection.execute(f"update {name} set {column} = null where isnan({column})")
    return market
