"""Prices for the issuers of a synthetic archive, with an effect planted after their insiders' purchases became known.

    python -m sandbox.prices --folder prices --scenario realistic --filings 4000     # as `python -m sandbox` serves them
    python -m loader prices --path prices

One CSV file a market (the last as Parquet), with splits, delistings, gaps and rows that no reader should take for
prices, and ``planted.json``, which says what was planted where. Markets are independent but for the weekly shocks.
"""

import argparse
import csv
import json
import re
import sys
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median, mode
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from sandbox import generator
from sandbox.archive import SOURCE_TIMES
from sandbox.market import EVENT, Floats, Model, draw_market
from sandbox.vocabulary import CANCELLED_WORDS, DERIVATIVES, LOCAL_TYPES, OTHER_SECURITIES, TYPES

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
# The market whose prices come without a benchmark.
WITHOUT_BENCHMARK = "ZZ"
SIGNAL_WINDOW = timedelta(days=30)
DAYS_BEFORE = timedelta(days=450)
SPLIT_RATIOS = (2.0, 3.0, 1.5, 0.1)
# As exchanges write them; some filings have NONE, (ABCD) or NYSE:ABCD.
TICKER = r"(?!NONE)[A-Z]{4}( [A-Z]|[.][A-Z]+)?"
PURCHASES = {word.lower() for word in TYPES["purchase"]}
PURCHASES |= {word.lower() for (_, kind), word in LOCAL_TYPES.items() if kind == "purchase"}
WRONG_ROWS = (
    ("WRONG", "US", "2025-06-02", "-4.2"),
    ("WRONG", "US", "06/03/2025", "4.2"),
    ("WRONG", "US", "2025-06-04", "n/a"),
    ("", "US", "2025-06-05", "4.2"),
)


@dataclass(frozen=True, slots=True)
class Purchase:
    """What the model needs of a purchase on the open market."""

    issuer_id: str
    market: str
    ticker: str
    price: float | None
    filing_date: date
    transaction_date: date
    available_date: date


@dataclass(frozen=True, slots=True)
class Planted:
    """An event: the first day on which an issuer is in the signal, after 30 days on which it was not."""

    issuer_id: str
    market: str
    transaction_date: date
    available_date: date
    entry_date: date


def write(folder: Path, records: Iterable[Any], seed: int = 1, **numbers: float) -> list[Planted]:
    """Writes the price files of the archive's issuers into ``folder``.

    Args:
        folder: made where it is missing.
        records: as ``sandbox.generate`` gives them.
        seed: of the model; equal arguments write equal files.
        numbers: of ``sandbox.market.Model``, such as ``effect=0.0``.

    Returns:
        What was planted, in the order of entries.
    """
    folder.mkdir(parents=True, exist_ok=True)
    by_issuer: dict[str, list[Purchase]] = defaultdict(list)
    for purchase in purchases(records):
        by_issuer[purchase.issuer_id].append(purchase)
    by_market: dict[str, dict[str, list[Purchase]]] = defaultdict(dict)
    for issuer_id, bought in by_issuer.items():
        # Some records leave the market out.
        if stated := [purchase.market for purchase in bought if purchase.market]:
            by_market[mode(stated)][issuer_id] = bought
    days = [purchase.filing_date for bought in by_issuer.values() for purchase in bought]
    first, last = min(days) - DAYS_BEFORE, max(days)
    weeks = (last - first).days // 7 + 2
    shocks = np.random.default_rng(seed).normal(0.0, numbers.get("weekly_shock", Model.weekly_shock), weeks)
    planted = []
    for number, market in enumerate(sorted(by_market)):
        writer = _MarketWriter(market, by_market[market], exchange_sessions(market, first, last))
        table = writer.table(np.random.default_rng([seed, number]), shocks, numbers)
        planted += writer.planted
        if number < len(by_market) - 1:
            pa.csv.write_csv(table, folder / f"{market}.csv")
        else:
            pa.parquet.write_table(table, folder / f"{market}.parquet")
    with (folder / "wrong.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("ticker", "market", "session_date", "close"), *WRONG_ROWS])
    planted.sort(key=lambda event: (event.entry_date, event.issuer_id))
    model = asdict(Model(**numbers))
    del model["issuers"], model["sessions"]
    account = {"model": model, "events": [asdict(event) for event in planted]}
    (folder / "planted.json").write_text(json.dumps(account, default=str, indent=1))
    return planted


def purchases(records: Iterable[Any]) -> Iterator[Purchase]:
    """The purchases that enter a signal, as far as a plain reading tells: not amended, planned, cancelled or derivative.

    A filing is available at the first of its times that is given, or its filing date, in its market's time zone.
    """
    markets = {row["market"]: row for row in _seed("markets")}
    for record in records:
        if not isinstance(record, dict):
            continue
        lines = record.get("transactions")
        for line in lines if isinstance(lines, list) else [record]:
            row = record | line if isinstance(line, dict) else {}
            market = str(row.get("country") or "").upper()
            try:
                if not _is_bought(row):
                    continue
                filing_date = date.fromisoformat(row["filing_date"])
                stated = next((row[name] for name in SOURCE_TIMES if row.get(name)), row["filing_date"])
                available_date = _local_date(stated, markets.get(market, markets["unknown"]))
                price = row.get("price")
                yield Purchase(
                    str(row["issuer_id"]),
                    market,
                    str(row.get("ticker") or "").strip().upper(),
                    float(price) if isinstance(price, int | float) and price > 0 else None,
                    filing_date,
                    date.fromisoformat(row["transaction_date"]),
                    max(available_date, filing_date) if len(stated) == 10 else available_date,
                )
            except (KeyError, TypeError, ValueError):
                continue


def signal_starts(bought: Iterable[Purchase]) -> list[Purchase]:
    """Of an issuer's purchases those with which it comes into the signal, after 30 days on which it was not in it."""
    starts, last_day = [], date.min
    for purchase in sorted(bought, key=lambda purchase: (purchase.available_date, purchase.transaction_date)):
        until = purchase.transaction_date + SIGNAL_WINDOW
        if not purchase.transaction_date <= purchase.available_date <= until:
            continue
        if last_day == date.min or purchase.available_date > last_day + SIGNAL_WINDOW:
            starts.append(purchase)
        last_day = max(last_day, until)
    return starts


def exchange_sessions(market: str, first: date, last: date) -> list[date]:
    """The sessions of the market's exchange, by the project's own calendars."""
    calendars = {row["market"]: row["exchange_calendar"] for row in _seed("markets")}
    calendar = calendars.get(market, calendars["unknown"])
    hours = [row for row in _seed("exchange_hours") if row["exchange_calendar"] == calendar]
    exceptions = {
        row["session_date"]: row["kind"]
        for row in _seed("exchange_exceptions")
        if row["exchange_calendar"] == calendar
    }

    def is_session(day: date) -> bool:
        text = day.isoformat()
        if text in exceptions:
            return exceptions[text] != "closed"
        return any(
            row["valid_from"] <= text < row["valid_to"] and row["trading_weekdays"][day.weekday()] == "1"
            for row in hours
        )

    return [
        day for day in (first + timedelta(days=n) for n in range((last - first).days + 1)) if is_session(day)
    ]


class _MarketWriter:
    """Prices of one market's issuers over its exchange's sessions."""

    def __init__(self, market: str, bought: dict[str, list[Purchase]], sessions: list[date]) -> None:
        self.market, self.bought, self.sessions = market, bought, sessions
        self.issuers = sorted(bought)
        self.planted: list[Planted] = []

    def table(self, rng: np.random.Generator, shocks: Floats, numbers: dict[str, float]) -> pa.Table:
        """Draws the market and gives the rows of its file."""
        sessions = self.sessions
        weeks = np.array([(day - sessions[0]).days // 7 for day in sessions])
        model = Model(**numbers | {"issuers": len(self.issuers), "sessions": len(sessions)})
        market = draw_market(rng, model, self._events(), weeks, shocks)
        rows = [self._rows(rng, number, market.returns[:, number]) for number in range(len(self.issuers))]
        if self.market != WITHOUT_BENCHMARK:
            level = 1000 * np.cumprod(1 + market.benchmark)
            rows.append(
                self._columns(
                    np.arange(len(sessions)), level, _opens(rng, level, market.benchmark), ticker="BENCHMARK"
                )
            )
        return pa.concat_tables(rows)

    def _events(self) -> np.ndarray:
        events = []
        for number, issuer_id in enumerate(self.issuers):
            for purchase in signal_starts(self.bought[issuer_id]):
                traded = bisect_left(self.sessions, purchase.transaction_date)
                available = bisect_right(self.sessions, purchase.available_date) - 1
                if available + 1 < len(self.sessions):
                    events.append((number, traded, available, available + 1))
                    entry = self.sessions[available + 1]
                    self.planted.append(
                        Planted(
                            issuer_id, self.market, purchase.transaction_date, purchase.available_date, entry
                        )
                    )
        return np.array(events, EVENT)

    def _rows(self, rng: np.random.Generator, number: int, returns: Floats) -> pa.Table:
        """An issuer's rows: what the market did to it, as its files would tell it."""
        issuer_id, size = self.issuers[number], returns.size
        bought = self.bought[issuer_id]
        worth = np.cumprod(1 + returns)
        worth *= median([purchase.price for purchase in bought if purchase.price] or [20.0]) / np.median(
            worth
        )
        opens = _opens(rng, worth, returns)
        volume = np.round(rng.lognormal(11, 1) * rng.lognormal(0, 0.5, size))

        ratios = np.ones(size)
        if rng.random() < 0.1:
            ratios[rng.integers(size // 4, size)] = rng.choice(SPLIT_RATIOS)
        # Prices and shares as they were before the splits that came later.
        factors = np.append(np.cumprod(ratios[::-1])[::-1][1:], 1.0)
        # A split moves no one's wealth; files give either the ratio or adjusted closes.
        is_adjusted = rng.random() < 0.3

        kept = rng.random(size) >= 0.003
        if rng.random() < 0.1:
            start = rng.integers(size)
            kept[start : start + rng.integers(3, 12)] = False
        delisting = np.full(size, np.nan)
        if rng.random() < 0.04:
            end = rng.integers(size // 2, size)
            kept[end] = True
            kept[end + 1 :] = False
            # Half of those that leave the exchange tell nobody what the holders got.
            delisting[end] = rng.choice([np.nan, 0.0, -0.3, -1.0], p=[0.5, 0.2, 0.2, 0.1])
        positions = np.flatnonzero(kept)
        # Every tenth issuer comes by its id.
        tickers = [] if number % 10 == 9 else self._tickers(bought, positions)
        return self._columns(
            positions,
            (worth * factors)[kept],
            np.where(rng.random(size) < 0.01, 0.0, opens * factors)[kept],
            adjusted_close=worth[kept] if is_adjusted else None,
            volume=(volume / factors)[kept],
            split_ratio=None if is_adjusted else np.where(ratios == 1, np.nan, ratios)[kept],
            delisting_return=delisting[kept],
            tickers=tickers,
            issuer_id=None if tickers else issuer_id,
        )

    def _tickers(self, bought: list[Purchase], positions: np.ndarray) -> list[str]:
        """The ticker on each session: the first one, until a filing bears another; none where no filing bears any."""
        changes: dict[str, date] = {}
        for purchase in sorted(bought, key=lambda purchase: purchase.filing_date):
            if re.fullmatch(TICKER, purchase.ticker):
                changes.setdefault(purchase.ticker, purchase.filing_date)
        if not changes:
            return []
        names, starts = list(changes), [date.min, *list(changes.values())[1:]]
        return [names[bisect_right(starts, self.sessions[position]) - 1] for position in positions]

    def _columns(
        self,
        positions: np.ndarray,
        close: Floats,
        opens: Floats,
        *,
        ticker: str | None = None,
        tickers: list[str] | None = None,
        issuer_id: str | None = None,
        **others: Floats | None,
    ) -> pa.Table:
        size = positions.size

        def texts(value: str | None) -> pa.Array:
            return pa.array([value] * size, pa.string())

        def numbers(values: Floats | None, digits: int) -> pa.Array:
            # Not a number stands for nothing.
            return (
                pa.nulls(size, pa.float64())
                if values is None
                else pa.array(np.round(values, digits), from_pandas=True)
            )

        digits = {"adjusted_close": 6, "volume": 0, "split_ratio": 6, "delisting_return": 6}
        return pa.table(
            {
                "ticker": pa.array(tickers, pa.string()) if tickers else texts(ticker),
                "issuer_id": texts(issuer_id),
                "source": texts("filings_api" if issuer_id else None),
                "market": texts(self.market),
                "session_date": pa.array([self.sessions[position] for position in positions], pa.date32()),
                "open": numbers(opens, 6),
                "close": numbers(close, 6),
            }
            | {name: numbers(others.get(name), places) for name, places in digits.items()}
        )


def _opens(rng: np.random.Generator, worth: Floats, returns: Floats) -> Floats:
    """Opening prices: a third of the session's return happens before it opens, with some noise."""
    return worth / (1 + returns) * (1 + returns / 3 + rng.normal(0, 0.002, worth.size))


def _is_bought(row: dict[str, Any]) -> bool:
    text = str(row.get("security_type") or "")
    return (
        bool(row["issuer_id"])
        and str(row["transaction_type"]).lower() in PURCHASES
        and not any(
            row.get(name)
            for name in ("amends_id", "is_10b5_1", "is_derivative", "linked_to_share_programme", "footnotes")
        )
        and row.get("status") not in CANCELLED_WORDS
        and text not in (*DERIVATIVES, *OTHER_SECURITIES)
    )


def _local_date(text: str, market: dict[str, str]) -> date:
    # A date alone ends in one zone of the market, an instant lies on the day of another: they differ where it is unknown.
    moment = datetime.fromisoformat(f"{text}T23:59:59" if len(text) == 10 else text)
    zone = ZoneInfo(market["time_zone"]) if len(text) == 10 else UTC
    return (
        (moment if moment.tzinfo else moment.replace(tzinfo=zone))
        .astimezone(ZoneInfo(market["day_zone"]))
        .date()
    )


def _seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def main() -> int:
    """Writes the files and says what was planted."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.prices", description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True, help="where the files go")
    generator.add_arguments(parser)
    parser.add_argument(
        "--effect", type=float, default=Model.effect, help="planted after entry; 0 plants nothing"
    )
    parser.add_argument(
        "--run-up", type=float, default=Model.run_up, help="planted before a purchase became known"
    )
    options = parser.parse_args()
    try:
        records = generator.from_arguments(options).records()
        planted = write(options.folder, records, options.seed, effect=options.effect, run_up=options.run_up)
    except (ValueError, OSError) as error:
        print(f"sandbox.prices: {error}", file=sys.stderr)
        return 2
    print(f"{options.folder}: {len(planted):,} events with an effect of {options.effect:.1%}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
