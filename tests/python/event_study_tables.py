"""The tables that the statistics read, made from a simulated market: the study without dbt.

Prices have opens on some sessions, holes, and series that end; what events earned is computed in plain loops.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from event_study.ranks import VARIANTS
from event_study.series import Rules
from sandbox.market import Market, simulate

HORIZONS = [1, 5, 10, 21, 63, 126]
WAIT = 5
FIRST_NUMBER = 4000  # session numbers do not begin at 0
ROLES = ["chief_executive", "chief_financial", "director", None]
DATES = np.busday_offset(np.datetime64("2021-01-04"), np.arange(2000))


def prices(
    market: Market, seed: int, gaps: float = 0.01, delisted: int = 3, opens: float = 0.5
) -> pd.DataFrame:
    """Every session of every series of a market, with what follows from its prices."""
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
        if np.isnan(lost) and target + WAIT > ends:
            return {**nothing, "entry": entry, "reason": "horizon_not_reached"}
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


def event_buys(events: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Two lines of an event each by a few insiders, who buy in many issuers; now and then of nobody known."""
    days = events[["source", "issuer_id", "signal_date"]].drop_duplicates()
    lines = pd.concat([days, days], ignore_index=True)
    buyers = np.array([f"P{number}" for number in range(12)] + [None], object)
    return lines.assign(buyer=buyers[rng.integers(buyers.size, size=len(lines))])


def write(database: Path, seed: int = 1, with_prices: bool = True, **numbers: float) -> Market:
    """Writes the tables of one simulated market into a new database.

    Returns:
        The market, for what was planted in it.
    """
    market = simulate(seed, **numbers)
    rng = np.random.default_rng([seed, 1])
    series = prices(market, seed)
    ends = int(series["session_number"].max())
    issuers = (
        series.groupby("series_id")["session_number"].agg(first_number="min", last_number="max").reset_index()
    )
    issuers = issuers.assign(
        source="feed", issuer_id=[f"C{key}" for key in issuers["series_id"]], market="US", exchange_calendar="XNYS",
        market_last_number=ends,
    )  # fmt: skip
    event_rows = []
    for number, event in enumerate(market.events):
        issuer = int(event["issuer"])
        known = int(event["available_session"])
        buyers = int(rng.integers(1, 4))
        kind = "cluster" if rng.random() < 0.4 else "first_buy"
        shared = {
            "source": "feed", "issuer_id": f"C{issuer}", "market": "US", "series_id": issuer, "has_past": True, "has_prices": True,
            "signal_date": DATES[known], "ticker": f"T{issuer}", "score": float(rng.normal(12, 2)), "score_version": 1,
            "score_quintile": int(rng.integers(1, 6)), "distinct_buyers": buyers, "is_senior": bool(rng.random() < 0.5),
            "role": ROLES[int(rng.integers(len(ROLES)))],
            "buy_value_to_volume": None if rng.random() < 0.1 else float(rng.lognormal(-2, 2)),
            "same_terms_buyers": int(rng.integers(1, buyers + 1)), "is_first_buy_in_year": [True, False, None][int(rng.integers(3))],
            "trading_pattern": ["opportunistic", "routine", "unclassified"][int(rng.integers(3))], "paid_to_close": None,
            "paid_to_close_flag": "unknown", "total_buy_value": float(rng.lognormal(11, 1)), "days_since_last_buy": int(rng.integers(0, 5)),
        }  # fmt: skip
        for suffix, session in (
            ("", event["entry_session"]),
            ("_at_transaction", event["transaction_session"]),
        ):
            name = f"{kind}{suffix}:feed:C{issuer}:{DATES[known]}:{number}"
            tradable = FIRST_NUMBER + int(session)
            event_rows.append(
                {**shared, "event_id": name, "event_kind": kind + suffix, "tradable_on": DATES[session], "tradable_number": tradable}
            )  # fmt: skip
    # An issuer that no price is known of, after all the others.
    unpriced = int(issuers["series_id"].max()) + 1
    without = {"first_number": None, "last_number": None, "series_id": unpriced, "issuer_id": f"C{unpriced}"}
    issuers = pd.DataFrame([*issuers.to_dict("records"), {**issuers.iloc[0], **without}])
    for column in ("first_number", "last_number"):
        issuers[column] = issuers[column].astype("Int64")
    name = f"first_buy:feed:C{unpriced}"
    known = {
        "series_id": unpriced,
        "issuer_id": f"C{unpriced}",
        "event_kind": "first_buy",
        "has_prices": False,
    }
    event_rows.append({**event_rows[0], **known, "event_id": name})
    # And a day of which nobody knows whether it is an event.
    unknown = {"event_id": f"{name}:too early", "has_past": False, "tradable_number": None}
    event_rows.append({**event_rows[0], **known, **unknown})
    events = pd.DataFrame(event_rows).astype({"tradable_number": "Int64"})
    panel_rows = []
    for session in range(200, market.returns.shape[0] - 30, 5):
        for issuer in rng.permutation(market.returns.shape[1])[:25]:
            scores = {name: float(score) for name, score in zip(VARIANTS, rng.normal(10, 2, 6), strict=True)}
            panel_rows.append(
                {
                    "signal_date": DATES[session - 1], "source": "feed", "issuer_id": f"C{issuer}", "market": "US",
                    "series_id": int(issuer), "tradable_number": FIRST_NUMBER + session, **scores,
                }
            )  # fmt: skip
    sessions = series.groupby("session_number", as_index=False).first()
    priced = series[series["is_priced"]]
    frames = {
        "int_as_of": pd.DataFrame({"as_of_date": [series["session_date"].max()]}),
        "int_study_settings": pd.DataFrame([asdict(Rules()) | {"horizons": ",".join(map(str, HORIZONS))}]),
        "int_counted_days": pd.DataFrame(
            {
                "day_kind": "trading", "calendar": "XNYS", "date_day": DATES, "is_counted": True,
                "day_number": FIRST_NUMBER + np.arange(DATES.size),
            }
        ),
        "int_benchmark_prices": sessions[["market", "session_number", "benchmark_open", "benchmark_close", "benchmark_age"]],
        "int_series_prices": priced.assign(open=priced["adjusted_open"], close=priced["adjusted_close"])[
            ["series_id", "session_number", "open", "close", "adjusted_open", "adjusted_close", "suspect_count", "delisting_return"]
        ],
        "int_event_buys": event_buys(events, np.random.default_rng([seed, 2])),
        "int_series_reach": issuers,
        "int_study_events": events,
        "int_score_variants": pd.DataFrame(panel_rows),
    }  # fmt: skip
    if not with_prices:  # the events stay, unpriced
        for name in ("int_series_prices", "int_benchmark_prices"):
            frames[name] = frames[name].head(0)
        frames["int_series_reach"] = issuers.assign(first_number=pd.NA, last_number=pd.NA)
        frames["int_study_events"] = events.assign(series_id=pd.NA, has_prices=False)
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema intermediate")
        connection.execute("create schema marts")
        for name, frame in frames.items():
            connection.register("frame", frame)
            # NaN comes from pandas; dbt's tables have nulls, and no order.
            casts = {
                column: f"cast({column} as date)" if column.endswith(("_date", "_on", "date_day")) else
                f"case when isnan({column}) then null else {column} end" if kind == "DOUBLE" else
                f"cast({column} as integer)" if column in ("series_id", "first_number", "last_number") else None
                for column, kind, *_ in connection.execute("describe from frame").fetchall()
            }  # fmt: skip
            typed = ", ".join(f"{cast} as {column}" for column, cast in casts.items() if cast)
            chosen = f"* replace ({typed})" if typed else "*"
            connection.execute(
                f"create table intermediate.{name} as select {chosen} from frame order by random()"
            )
            connection.unregister("frame")
    return market
