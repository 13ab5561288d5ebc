"""Prices full of trouble for the issuers of an archive: rows as stg_prices__closes has them, from the sandbox's market model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from sandbox.market import simulate

Row = dict[str, Any]

CLOSES = pa.schema(
    [
        ("symbol_kind", pa.string()),
        ("symbol", pa.string()),
        ("source", pa.string()),
        ("market", pa.string()),
        ("session_date", pa.date32()),
        ("open", pa.float64()),
        ("close", pa.float64()),
        ("adjusted_open", pa.float64()),
        ("adjusted_close", pa.float64()),
        ("adjustment", pa.string()),
        ("volume", pa.float64()),
        ("split_factor", pa.float64()),
        ("delisting_return", pa.float64()),
        ("first_seen_at", pa.timestamp("us")),
    ]
)


def close_rows(symbol: str, market: str | None, closes: Mapping[date, float], **columns: Any) -> list[Row]:
    """One row a session; ``columns`` holds constants, or values by session for some of them."""
    split_factors, opens = columns.pop("split_factors", {}), columns.pop("opens", {})
    by_session = {name: columns.pop(name, {}) for name in ("delisting_return", "volume")}
    rows = []
    for day, close in closes.items():
        factor = split_factors.get(day, 1.0)
        opened = opens.get(day)
        rows.append(
            {
                "symbol_kind": "ticker",
                "symbol": symbol,
                "source": None,
                "market": market,
                "session_date": day,
                "open": opened,
                "close": close,
                "adjusted_open": None if opened is None else opened / factor,
                "adjusted_close": close / factor,
                "adjustment": "splits",
                "split_factor": factor,
                **{name: values.get(day) for name, values in by_session.items()},
                **columns,
            }
        )
    return rows


def random_prices(
    issuers: Sequence[tuple[str, str, str]], calendars: Mapping[str, Sequence[date]], seed: int = 1
) -> list[Row]:
    """Prices of issuers (id, ticker, market) over the sessions of their markets, and of two benchmarks.

    One benchmark is that of the first market and has opens, the other serves all markets, closes only, one of them wrong.
    Among the issuers are some with gaps, short and long ones, with splits, told or not, with wrong opens, whose ticker
    another company takes, with known and unknown delistings, late beginnings, without opens or volumes, with prices by
    issuer beside those by ticker, and without any.
    """
    rng = np.random.default_rng(seed)
    sessions = max(map(len, calendars.values()))
    market_model = simulate(seed, issuers=len(issuers), sessions=sessions, first_session=10)
    rows: list[Row] = []
    for market in (next(iter(calendars)), None):
        days = list(calendars[market] if market else sorted(set().union(*calendars.values())))
        levels = 100 * np.cumprod(1 + np.resize(market_model.benchmark, len(days)))
        kept = {day: level for day, level in zip(days, levels.tolist(), strict=True) if rng.random() > 0.01}
        hole = days[len(days) // 2 : len(days) // 2 + 9]
        kept = {day: level for day, level in kept.items() if day not in hole}
        if market is None:  # a wrong price
            kept[list(kept)[len(kept) // 3]] /= 10
        opens = {day: level * 1.001 for day, level in kept.items() if market and rng.random() > 0.1}
        rows += close_rows("BENCHMARK", market, kept, opens=opens)

    for number, (issuer_id, ticker, market) in enumerate(issuers):
        days = list(calendars[market])
        kind = number % 12
        if kind == 0:
            continue
        levels = 20 * np.cumprod(1 + market_model.returns[: len(days), number])
        split_at = int(rng.integers(50, len(days) - 5)) if kind in (1, 2, 3, 4) else len(days)
        split_factors = {day: 2.0 if place < split_at else 1.0 for place, day in enumerate(days)}
        printed = {day: float(level) * split_factors[day] for day, level in zip(days, levels, strict=True)}
        if kind in (8, 9, 10):  # an untold split, or another company
            jump_at, factor = int(rng.integers(200, len(days) - 200)), (30.0, 0.25, 4.69)[kind - 8]
            printed = {
                day: close * (factor if place >= jump_at else 1.0)
                for place, (day, close) in enumerate(printed.items())
            }
        first = len(days) // 2 if kind == 5 else 0
        last = int(rng.integers(len(days) // 2, len(days))) if kind in (6, 7, 8) else len(days) - 1
        missing = {place for place in range(len(days)) if rng.random() < 0.03}
        for _ in range(8 if kind in (2, 9) else 1):
            begin = int(rng.integers(0, len(days)))
            missing |= set(range(begin, begin + int(rng.integers(3, 12))))
        if kind in (8, 10):  # another company after a pause, and not without one
            missing |= set(range(jump_at - 12, jump_at))
        missing -= {last}
        kept = {
            day: printed[day]
            for place, day in enumerate(days)
            if first <= place <= last and place not in missing
        }
        opens = (
            {}
            if kind == 10
            else {day: close * rng.uniform(0.98, 1.02) for day, close in kept.items() if rng.random() > 0.1}
        )
        if kind == 4:
            opens = {day: price * (0.2 if rng.random() < 0.05 else 1) for day, price in opens.items()}
        volume = (
            {}
            if kind == 11
            else {day: float(rng.integers(1_000, 90_000)) for day in kept if rng.random() > 0.1}
        )
        delisting = {days[last]: -0.4} if kind in (6, 7) else {}
        common = {
            "split_factors": split_factors,
            "opens": opens,
            "volume": volume,
            "delisting_return": delisting,
        }
        rows += close_rows(ticker, market if number % 2 else None, kept, **common)
        if kind == 3:
            lifted = {day: close * 3 for day, close in kept.items()}
            lifted_opens = {day: price * 3 for day, price in opens.items()}
            rows += close_rows(
                issuer_id, None, lifted, symbol_kind="issuer_id", **common | {"opens": lifted_opens}
            )
    return list({(r["symbol_kind"], r["symbol"], r["market"], r["session_date"]): r for r in rows}.values())


def write_closes(connection: duckdb.DuckDBPyConnection, rows: Iterable[Row]) -> None:
    """Puts rows in the place of what stg_prices__closes is made from the archive."""
    [kind] = connection.execute(
        "select table_type from information_schema.tables where table_name = 'stg_prices__closes'"
    ).fetchone()
    connection.execute(f"drop {'view' if kind == 'VIEW' else 'table'} staging.stg_prices__closes")
    connection.register("new_closes", pa.Table.from_pylist(list(rows), schema=CLOSES))
    connection.execute("create table staging.stg_prices__closes as from new_closes")
    connection.unregister("new_closes")
