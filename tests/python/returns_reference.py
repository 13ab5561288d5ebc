"""Events and their returns in plain Python, one at a time, by the words of the event study and not by its SQL.

Rows are mappings with the columns of the relations that they come from: ``filings`` of int_filing_versions, ``scores`` of
issuer_scores, ``buys`` of int_buys with the facts of their transactions and the first availability of their records, ``eligible``
of int_eligible_spans with the same, ``same_terms`` of int_same_terms_spans, ``trades`` on the open market of
int_transaction_versions, ``closes`` of stg_prices__closes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np

Row = Mapping[str, Any]

HORIZONS = [1, 5, 10, 21, 63, 126]
QUIET = timedelta(days=30)
WAIT = 5
JUMP = 3
COST = 0.001
RETURNS = [
    "raw_return", "benchmark_return", "adjusted_return", "abnormal_return", "net_return",
    "adjusted_return_delisting_30", "adjusted_return_delisting_100",
]  # fmt: skip


@dataclass
class Series:
    """The prices of one share by session; ``relative`` is the close over that of the session with a price before."""

    prices: dict[int, Row] = field(default_factory=dict)
    relative: dict[int, float] = field(default_factory=dict)
    before: dict[int, int] = field(default_factory=dict)
    by_issuer: bool = False


def is_jump(ratio: float) -> bool:
    """Whether one price is so many times the other that something else than trading made it."""
    return not 1 / JUMP < ratio < JUMP


def last_by(day: date, mentions: list[Row], reach_back: bool) -> Row | None:
    """The last of the mentions, in order, that was available by ``day``; else, with ``reach_back``, the last of their first day."""
    if reach_back and mentions:
        day = max(day, mentions[0]["available_date"])
    place = bisect_right(mentions, day, key=lambda row: row["available_date"])
    return mentions[place - 1] if place else None


class ReturnsReference:
    """All events of the scores; ``rows()`` are those of signal_returns."""

    def __init__(
        self,
        filings: Iterable[Row],
        scores: Iterable[Row],
        buys: Iterable[Row],
        eligible: Iterable[Row],
        same_terms: Iterable[Row],
        trades: Iterable[Row],
        closes: Iterable[Row],
        calendars: Mapping[str, list[date]],
        markets: Mapping[str, Row],
        as_of: date,
    ) -> None:
        self.calendars, self.markets, self.as_of = calendars, markets, as_of
        self.mentions = [
            {**row, "market": row["market"] or "unknown", "ticker": row["ticker"].strip().upper()}
            for row in filings
            if row["issuer_id"] and (row["ticker"] or "").strip()
        ]
        self.mentions.sort(key=lambda row: (row["available_date"], row["available_at"], row["record_id"]))
        self.own_mentions, self.holders = defaultdict(list), defaultdict(list)
        for row in self.mentions:
            self.own_mentions[row["issuer_source"], row["issuer_id"], row["market"]].append(row)
            self.holders[row["issuer_source"], row["market"], row["ticker"]].append(row)
        filing_days = defaultdict(set)
        for row in filings:
            filing_days[row["issuer_source"]].add(row["available_date"])
        self.archive_starts = {
            source: [day for before, day in pairwise([date.min, *sorted(days)]) if (day - before).days > 183]
            for source, days in filing_days.items()
        }
        self.scores = defaultdict(dict)
        self.scored = defaultdict(int)
        for row in scores:
            self.scores[row["source"], row["issuer_id"]][row["signal_date"]] = row
            self.scored[row["signal_date"]] += 1
        self.buys = defaultdict(list)
        for row in buys:
            self.buys[row["issuer_source"], row["issuer_id"]].append(row)
        self.eligible, self.trades = defaultdict(list), defaultdict(list)
        for row in eligible:
            self.eligible[row["issuer_source"], row["issuer_id"]].append(row)
        for row in trades:
            self.trades[row["issuer_source"], row["issuer_id"], row["insider_key"]].append(row)
        self.same_terms = defaultdict(list)
        for row in same_terms:
            self.same_terms[row["transaction_id"], row["version_number"]].append(row)
        self.closes = defaultdict(dict)
        for row in closes:
            if row["session_date"] <= as_of:
                key = row["symbol_kind"], row["symbol"], row["source"], row["market"]
                self.closes[key][row["session_date"]] = row
        self.benchmarks: dict[str, dict[int, Row]] = {}
        self.series: dict[tuple[str, str, str], list[Series]] = {}
        self.reached: dict[str, int | None] = {}
        wanted = {
            (source, issuer, row["market"] or "unknown")
            for (source, issuer), days in self.scores.items()
            for row in days.values()
        }
        for source, issuer, market in wanted:
            if market not in self.benchmarks:
                self.benchmarks[market] = self._benchmark(market)
            self.series[source, issuer, market] = self._series(source, issuer, market)
        for market in self.benchmarks:
            ends = sorted(
                max(series.prices)
                for key, parts in self.series.items()
                for series in parts
                if key[2] == market and series.prices
            )
            # The files end with the session on which most of the series end that go on until then.
            self.reached[market] = next(
                (
                    end
                    for place, end in enumerate(ends)
                    if end != (ends[place - 1] if place else None)
                    and ends.count(end) > (len(ends) - place) / 2
                ),
                None,
            )

    # ------------------------------------------------------------ sessions

    def calendar(self, market: str) -> list[date]:
        return self.calendars[self.settings(market)["exchange_calendar"]]

    def settings(self, market: str) -> Row:
        return self.markets.get(market, self.markets["unknown"])

    # ------------------------------------------------------------ symbols

    def ticker(self, source: str, issuer: str, market: str, day: date, reach_back: bool) -> str | None:
        """The issuer's ticker of a day; with ``reach_back`` its first one, where nobody had that before, also holds before it."""
        own = last_by(day, self.own_mentions[source, issuer, market], reach_back)
        if own is None:
            return None
        holder = last_by(day, self.holders[source, market, own["ticker"]], reach_back)
        return own["ticker"] if holder["issuer_id"] == issuer else None

    # ------------------------------------------------------------ prices

    def series_on(self, source: str, issuer: str, market: str, day: date) -> Series:
        """The prices that are the issuer's on a day: those that began last by then, before all the first ones."""
        today = bisect_right(self.calendar(market), day) - 1
        parts = self.series[source, issuer, market]
        return next((part for part in reversed(parts[1:]) if min(part.prices) <= today), parts[0])

    def _series(self, source: str, issuer: str, market: str) -> list[Series]:
        of_issuer = [
            ("issuer_id", issuer, given_source, given_market)
            for given_source in (source, None)
            for given_market in (market, None)
            if ("issuer_id", issuer, given_source, given_market) in self.closes
        ]
        series = Series(by_issuer=bool(of_issuer))
        parts = [series]
        last_number = None
        for number, day in enumerate(self.calendar(market)):
            if day > self.as_of:
                break
            if of_issuer:
                key = of_issuer[0]
            else:
                ticker = self.ticker(source, issuer, market, day, reach_back=True)
                keys = [("ticker", ticker, None, market), ("ticker", ticker, None, None)]
                key = next((key for key in keys if key in self.closes), None)
            row = self.closes[key].get(day) if key else None
            if row is None:
                continue
            if last_number is not None:
                last = series.prices[last_number]
                same = self.closes[key].get(last["session_date"])
                ratio = (
                    row["adjusted_close"] / same["adjusted_close"] if same else row["close"] / last["close"]
                )
                if number - last_number - 1 > WAIT and is_jump(ratio):
                    series = Series(by_issuer=bool(of_issuer))
                    parts.append(series)
                else:
                    series.before[number] = last_number
                    series.relative[number] = ratio
            series.prices[number] = row
            last_number = number
        return parts

    def _benchmark(self, market: str) -> dict[int, Row]:
        keys = [("ticker", "BENCHMARK", None, market), ("ticker", "BENCHMARK", None, None)]
        rows = next((self.closes[key] for key in keys if key in self.closes), {})
        return {number: rows[day] for number, day in enumerate(self.calendar(market)) if day in rows}

    def benchmark_close(self, market: str, number: int, oldest: int | None = None) -> float | None:
        """The benchmark's close, or its last one before, not older than so many sessions."""
        known = self.benchmarks[market]
        while number not in known:
            number, oldest = number - 1, None if oldest is None else oldest - 1
            if number < 0 or (oldest is not None and oldest < 0):
                return None
        return known[number]["adjusted_close"]

    def is_suspect(self, series: Series, market: str, after: int, last: int) -> bool:
        """Whether between two sessions a price of the share or of its benchmark is so far from the one before that it is none."""
        if any(is_jump(series.relative.get(number, 1.0)) for number in range(after + 1, last + 1)):
            return True
        levels = [self.benchmark_close(market, number) for number in range(after, last + 1)]
        known = [level for level in levels if level is not None]
        return any(is_jump(level / before) for before, level in pairwise(known))

    # ------------------------------------------------------------ events

    def archive_begins(self, source: str, day: date) -> date:
        """The first day of the filings that lead to `day` without half a year of silence."""
        return max(start for start in self.archive_starts[source] if start <= day)

    def events(self) -> Iterable[tuple[str, Row, list[Row]]]:
        """Kind, score row and counting buys of every event."""
        for key, days in self.scores.items():
            clusters = {day for day, row in days.items() if row["distinct_buyers"] >= 2}
            for kind, wanted in {"first_buy": set(days), "cluster": clusters}.items():
                for day in sorted(wanted):
                    if any(day - QUIET <= other < day for other in wanted):
                        continue
                    buys = [buy for buy in self.buys[key] if buy["first_day"] <= day < buy["day_after"]]
                    if any(buy["first_available_date"] == day for buy in buys):
                        yield kind, days[day], buys

    def rows(self) -> dict[tuple[str, int], dict[str, Any]]:
        """The rows of signal_returns by event and horizon."""
        found = {}
        for kind, score, buys in self.events():
            source, issuer, day = score["source"], score["issuer_id"], score["signal_date"]
            market = score["market"] or "unknown"
            calendar = self.calendar(market)
            labels = self.labels(score, buys, market)
            traded = min(buy["transaction_date"] for buy in buys if buy["first_available_date"] == day)
            starts = {
                kind: score["tradable_on"],
                f"{kind}_at_transaction": calendar[bisect_left(calendar, traded)],
            }
            for event_kind, start in starts.items():
                asked = bisect_left(calendar, start)
                for horizon in HORIZONS:
                    row = {
                        "tradable_on": start,
                        **labels,
                        **self.position(source, issuer, market, day, asked, horizon),
                    }
                    found[f"{event_kind}:{source}:{issuer}:{day}", horizon] = row
        return found

    # ------------------------------------------------------------ returns

    def position(
        self, source: str, issuer: str, market: str, day: date, asked: int, horizon: int
    ) -> dict[str, Any]:
        series = self.series_on(source, issuer, market, day)
        row: dict[str, Any] = dict.fromkeys(
            ["entry_date", "entry_at", "entry_price", "exit_date", "unpriced_reason", *RETURNS]
        )
        row["is_delisted"] = False

        def missing(reason: str) -> dict[str, Any]:
            row["unpriced_reason"] = reason
            return row

        # Of the thirty days before the event the archive must have seen every one.
        if (day - self.archive_begins(source, day)).days < 30:
            return missing("archive_begins")
        if not series.by_issuer and self.ticker(source, issuer, market, day, reach_back=False) is None:
            return missing("no_symbol")
        if not series.prices:
            return missing("no_price")
        reached = self.reached[market]
        entry = next((number for number in range(asked, asked + WAIT + 1) if number in series.prices), None)
        if entry is None:
            return missing("horizon_not_reached" if reached < asked + WAIT else "no_entry")
        price, benchmark = series.prices[entry], self.benchmarks[market].get(entry)
        at_open = None not in (price["open"], benchmark and benchmark["open"])
        row["entry_date"], row["entry_at"] = price["session_date"], "open" if at_open else "close"
        row["entry_price"] = price["open"] if at_open else price["close"]
        paid = price["adjusted_open"] if at_open else price["adjusted_close"]
        benchmark_paid = benchmark["adjusted_open"] if at_open else self.benchmark_close(market, entry, WAIT)

        delistings = [
            number
            for number, known in series.prices.items()
            if known["delisting_return"] is not None and entry <= number < entry + horizon
        ]
        waited = range(entry + horizon, entry + horizon + WAIT + 1)
        leave = min(delistings, default=next((number for number in waited if number in series.prices), None))
        last = leave
        if leave is None:
            if reached < waited[-1]:
                return missing("horizon_not_reached")
            row["unpriced_reason"] = "no_exit"
            last = max(series.prices)
            if last >= entry + horizon:
                return row

        held = [number for number in series.relative if entry < number <= last]
        grown = price["adjusted_close"] / paid * np.prod([series.relative[number] for number in held])
        inside = [price["adjusted_close"] / paid]
        if at_open:
            inside.append(benchmark["adjusted_close"] / benchmark_paid)
        if self.is_suspect(series, market, entry, last) or any(is_jump(ratio) for ratio in inside):
            row["is_delisted"] = bool(delistings)
            return missing("suspect_series")
        benchmark_then = self.benchmark_close(market, last, WAIT)
        of_benchmark = None
        if benchmark_paid is not None and benchmark_then is not None:
            of_benchmark = benchmark_then / benchmark_paid - 1

        if of_benchmark is not None and (delistings or leave is None):
            row["adjusted_return_delisting_30"] = grown * 0.7 - 1 - of_benchmark
            row["adjusted_return_delisting_100"] = -1 - of_benchmark
        if leave is None:
            return row
        at_delisting = series.prices[leave]["delisting_return"] if delistings else 0.0
        row["is_delisted"] = bool(delistings)
        row["exit_date"] = series.prices[leave]["session_date"]
        row["raw_return"] = grown * (1 + at_delisting) - 1
        if of_benchmark is None:
            return missing("no_benchmark")
        row["benchmark_return"] = of_benchmark
        row["adjusted_return"] = row["raw_return"] - of_benchmark
        row["net_return"] = row["adjusted_return"] - 2 * COST
        if not delistings:
            row["adjusted_return_delisting_30"] = row["adjusted_return_delisting_100"] = row[
                "adjusted_return"
            ]

        model = self.market_model(series, market, entry)
        if model is None:
            return missing("short_estimation")
        alpha, beta = model
        own = [series.relative[number] - 1 for number in held]
        others = [
            self.benchmark_close(market, number) / self.benchmark_close(market, series.before[number]) - 1
            for number in held
        ]
        sessions = leave - entry
        if at_open:
            own.append(price["adjusted_close"] / paid - 1)
            others.append(benchmark["adjusted_close"] / benchmark_paid - 1)
            sessions += 1
        row["abnormal_return"] = sum(own) + at_delisting - alpha * sessions - beta * sum(others)
        return row

    def market_model(self, series: Series, market: str, entry: int) -> tuple[float, float] | None:
        """Alpha and beta of the sessions before an entry, by least squares."""
        benchmark = self.benchmarks[market]
        pairs = [
            (
                benchmark[number]["adjusted_close"] / benchmark[number - 1]["adjusted_close"] - 1,
                series.relative[number] - 1,
            )
            for number in range(entry - 250, entry - 30)
            if series.before.get(number) == number - 1
            and not self.is_suspect(series, market, number - 1, number)
            and number in benchmark
            and number - 1 in benchmark
        ]
        if len(pairs) < 120:
            return None
        others, own = np.array(pairs).T
        if np.ptp(others) == 0:
            return None
        beta, alpha = np.polyfit(others, own, 1)
        return alpha, beta

    # ------------------------------------------------------------ labels

    def labels(self, score: Row, buys: list[Row], market: str) -> dict[str, Any]:
        """What is known of an event on its day."""
        source, issuer, day = score["source"], score["issuer_id"], score["signal_date"]
        scored = self.scored[day]
        roles = [((buy["seniority"] or 99), buy["role"]) for buy in buys if buy["role"] is not None]
        return {
            "ticker": self.ticker(source, issuer, market, day, reach_back=False),
            "score": score["score"],
            "score_quintile": 5 - (score["rank"] - 1) * 5 // scored if scored >= 5 else None,
            "distinct_buyers": score["distinct_buyers"],
            "is_senior": score["senior_buyer_flag"],
            "role": min(roles)[1] if roles else None,
            "same_terms_buyers": max(self.same_terms_buyers(buy, day) for buy in buys),
            "is_first_buy_in_year": self.is_first_buy_in_year(source, issuer, day),
            "trading_pattern": self.trading_pattern(source, issuer, day, buys),
            **self.value_labels(source, issuer, market, day, buys),
        }

    def same_terms_buyers(self, buy: Row, day: date) -> int:
        counts = [
            row["same_terms_buyers"]
            for row in self.same_terms[buy["transaction_id"], buy["version_number"]]
            if row["valid_from"] <= day and (row["valid_to"] is None or day < row["valid_to"])
        ]
        assert len(counts) <= 1
        return counts[0] if counts else 1

    def value_labels(
        self, source: str, issuer: str, market: str, day: date, buys: list[Row]
    ) -> dict[str, Any]:
        labels = {"buy_value_to_volume": None, "paid_to_close": None, "paid_to_close_flag": "unknown"}
        series = self.series_on(source, issuer, market, day)
        if not series.by_issuer and self.ticker(source, issuer, market, day, reach_back=False) is None:
            return labels
        calendar, currency = self.calendar(market), self.settings(market)["default_currency"]
        today = bisect_right(calendar, day) - 1
        before = {
            number: series.prices[number]
            for number in range(today - 20, today + 1)
            if number in series.prices
        }
        traded = [row["close"] * row["volume"] for row in before.values() if row["volume"] is not None]
        valued = [buy for buy in buys if buy["value"] is not None]
        if (
            len(traded) >= 11
            and median(traded)
            and valued
            and {buy["currency"] for buy in valued} == {currency}
        ):
            labels["buy_value_to_volume"] = float(sum(buy["value"] for buy in valued)) / median(traded)

        priced = [buy for buy in buys if buy["price"] is not None and (buy["shares"] or 0) > 0]
        recent = [number for number in before if number >= today - WAIT]
        if not priced:
            return labels
        if currency is None or any(buy["currency"] != currency for buy in priced):
            return labels | {"paid_to_close_flag": "currency"}
        if not recent:
            return labels
        last, bases = before[max(recent)], set()
        for buy in priced:
            number = bisect_right(calendar, buy["transaction_date"]) - 1
            known = [other for other in series.prices if other <= number]
            if not known or number > max(series.prices):
                return labels
            if self.is_suspect(series, market, max(known), max(recent)):
                return labels
            bases.add(round(series.prices[max(known)]["split_factor"] / last["split_factor"], 9))
        if bases != {1.0}:
            return labels | {"paid_to_close_flag": "split"}
        shares = sum(float(buy["shares"]) for buy in priced)
        paid = sum(float(buy["price"]) * float(buy["shares"]) for buy in priced) / shares
        return labels | {"paid_to_close": paid / last["close"], "paid_to_close_flag": None}

    def is_first_buy_in_year(self, source: str, issuer: str, day: date) -> bool | None:
        year = timedelta(days=365)
        for buy in self.eligible[source, issuer]:
            is_known = buy["valid_from"] <= day and (buy["valid_to"] is None or day < buy["valid_to"])
            if is_known and day - year <= buy["transaction_date"] < day - QUIET:
                return False
        return True if self.archive_begins(source, day) <= day - year else None

    def trading_pattern(self, source: str, issuer: str, day: date, buys: list[Row]) -> str:
        found = set()
        years = {day.year - 3, day.year - 2, day.year - 1}
        for buyer in {buy["buyer"] for buy in buys} - {None}:
            traded = {
                (trade["transaction_date"].year, trade["transaction_date"].month)
                for trade in self.trades[source, issuer, buyer]
                if trade["available_date"] <= day
                and (trade["superseded_date"] is None or day < trade["superseded_date"])
            }
            if years <= {year for year, _ in traded}:
                is_routine = any({(year, month) for year in years} <= traded for month in range(1, 13))
                found.add("routine" if is_routine else "opportunistic")
        return next((name for name in ("opportunistic", "routine") if name in found), "unclassified")
