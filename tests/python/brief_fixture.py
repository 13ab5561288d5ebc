"""A published database for tests of the page: made up, small, with the columns of the contracts, without a build."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import yaml
from project import PROJECT

from event_study.tables import TABLES

DAY = date(2026, 3, 31)
WINDOW = 30
SOURCE = "feed"
MARKETS = ["US", "FR", "SE", "DE", "GB", "CA"]
ROLES = [
    ("chief_executive", 1, True),
    ("chief_financial", 3, True),
    ("director", 7, True),
    ("officer", 10, False),
]
# What feeds have in names: markup, formulae, control characters, marks that turn the direction of a text around.
HOSTILE = [
    "<script>document.title='run'</script> & Sons",
    "</script><img src=x onerror=\"document.title='run'\">",
    '=HYPERLINK("https://evil.example","Works")',
    "Bell\x07 \x00and\x1b[31m \u202egnp.exe",
    "@SUM(A1) {{ 7 * 7 }} {% raw %} ${7*7}",
]
SQL_TYPES = {"string": "varchar"}


@cache
def columns_of_marts() -> dict[str, dict[str, str]]:
    """By mart: its columns and their types, as its contract says; those of the study as it writes them."""
    found: dict[str, dict[str, str]] = dict(TABLES)
    for file in sorted((PROJECT / "models" / "marts").rglob("*__models.yml")):
        for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]:
            found[model["name"]] = {
                column["name"]: SQL_TYPES.get(column["data_type"], column["data_type"])
                for column in model["columns"]
            }
    return found


class Published:
    """Rows by mart, to be written as a published database."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in columns_of_marts()}

    def add(self, mart: str, **values: Any) -> None:
        """A row; columns that are not named are null."""
        self.rows[mart].append(values)

    def write(self, path: Path, without: Iterable[str] = ()) -> Path:
        """Writes the database."""
        path.unlink(missing_ok=True)
        with duckdb.connect(str(path)) as connection:
            connection.execute("create schema marts")
            for mart, columns in columns_of_marts().items():
                if mart in without:
                    continue
                typed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
                connection.execute(f"create table marts.{mart} ({typed})")
                if rows := self.rows[mart]:
                    names = sorted({name for row in rows for name in row})
                    table = pa.table({name: [row.get(name) for row in rows] for name in names})
                    connection.register("added", table)
                    connection.execute(f"insert into marts.{mart} by name select * from added")
                    connection.unregister("added")
        return path


def made_up(issuers: int = 24, days: int = 60, study: bool = True) -> Published:
    """Issuers with one to four buyers. The first has an amended buy and lines that are left out; the source of the 24th is behind."""
    published = Published()
    buys: list[dict[str, Any]] = []
    for number in range(issuers):
        buys += _lines(published, number)
    _scores(published, buys, days)
    _plumbing(published)
    if study:
        _study(published)
    return published


def name_of(number: int) -> str:
    """The issuer's name; those from the second on are hostile until there are no more of them."""
    return HOSTILE[number - 1] if 1 <= number <= len(HOSTILE) else f"Works {number} plc"


def _lines(published: Published, number: int) -> list[dict[str, Any]]:
    market = MARKETS[number % len(MARKETS)]
    currency = "EUR" if market in ("FR", "DE") else "USD"
    source = "late_feed" if number == 23 else SOURCE
    found = []
    for buyer in range(1 + number % 4):
        role, seniority, is_senior = ROLES[(number + buyer) % len(ROLES)]
        traded = DAY - timedelta(days=(number * 3 + buyer * 2) % 24 + (3 if number else 1))
        filed = min(traded + timedelta(days=1 + (number + buyer) % 5), DAY)
        line = {
            "source": source,
            "market": market,
            "filing_id": f"F-{number}-{buyer}",
            "record_id": f"F-{number}-{buyer}",
            "transaction_id": f"{source}:F-{number}-{buyer}:1",
            "version_number": 1,
            "issuer_source": source,
            "issuer_id": f"I{number:03}",
            "issuer_name": name_of(number),
            "ticker": f"T{number}",
            "insider_id": f"P{number}-{buyer}",
            "insider_name": HOSTILE[buyer] if number == 2 else f"Person {number}-{buyer}",
            "raw_role": "=Chief <b>Officer</b>" if number == 2 else role.replace("_", " ").title(),
            "role": role,
            "is_senior": is_senior,
            "raw_transaction_type": "buy",
            "transaction_type": "open_market_purchase",
            "transaction_type_map_version": 1,
            "security_type_map_version": 2,
            "direction": "buy",
            "transaction_date": traded,
            "filing_date": filed,
            "shares": 100 + 37 * number + buyer,
            "price": 12.5 + number,
            "currency": currency,
            "value": (100 + 37 * number + buyer) * (12.5 + number) * 10,
            "value_base": (100 + 37 * number + buyer) * (12.5 + number) * (10 if currency == "EUR" else 9),
            "base_currency": "EUR",
            "url": "javascript:alert(1)" if number == 2 else f"https://filings.example/F-{number}-{buyer}",
            "available_at": datetime(filed.year, filed.month, filed.day, 16, 30),
            "available_date": filed,
            "tradable_on": filed + timedelta(days=1),
        }
        # Known after 20:00 in New York: the next day in UTC, and yet the market's day.
        if number == 0 and buyer == 0:
            line["available_at"] = datetime(filed.year, filed.month, filed.day) + timedelta(hours=25)
        found.append(line | {"seniority": seniority, "buyer": line["insider_id"]})
        published.add("insider_transaction_versions", **line)
        published.add(
            "filing_payloads", as_of_date=DAY, source=source, filing_id=line["filing_id"], record_id=line["record_id"],
            version_number=1, available_date=filed, content_hash=f"{number:04x}{buyer:04x}" * 8, payload="{}",
        )  # fmt: skip
    if number == 0:
        first = {name: value for name, value in found[0].items() if name not in ("seniority", "buyer")}
        amended = DAY - timedelta(days=5)
        old = first | {
            "filing_id": "F-0-old",
            "record_id": "F-0-old",
            "transaction_id": f"{SOURCE}:F-0-old:1",
            "transaction_date": DAY - timedelta(days=12),
            "filing_date": DAY - timedelta(days=11),
            "available_at": datetime(2026, 3, 20, 9),
            "available_date": DAY - timedelta(days=11),
            "superseded_at": datetime(2026, 3, 26, 9),
            "superseded_date": amended,
        }
        new = old | {
            "filing_id": "F-0-new",
            "record_id": "F-0-new",
            "transaction_id": f"{SOURCE}:F-0-new:1",
            "amends_id": "F-0-old",
            "shares": 90,
            "available_at": datetime(2026, 3, 26, 9),
            "available_date": amended,
            "superseded_at": None,
            "superseded_date": None,
        }
        for line in (old, new):
            published.add("insider_transaction_versions", **line)
            found.append(line | {"seniority": 1, "buyer": line["insider_id"]})
        for kind, reason, direction in (
            ("open_market_sale", "not_a_buy", "sell"),
            ("grant", "not_open_market", "none"),
            ("open_market_purchase", "planned_trade", "buy"),
            ("open_market_purchase", None, "buy"),
        ):
            published.add(
                "insider_transaction_versions",
                **first
                | {
                    "transaction_id": f"{SOURCE}:F-0-{kind}-{reason}:1",
                    "transaction_type": kind,
                    "direction": direction,
                    "signal_exclusion_reason": reason,
                    "shares_owned_after": 1250,
                    "holding_change": 0.25,
                    "available_at": datetime(2026, 3, 31, 8),
                    "available_date": DAY,
                },
            )
        published.add(
            "duplicate_spans", as_of_date=DAY, source=SOURCE, transaction_id=f"{SOURCE}:F-0-open_market_purchase-None:1",
            version_number=1, duplicate_of=f"{SOURCE}:F-0-0:1", valid_from=DAY,
        )  # fmt: skip
    return found


def _scores(published: Published, buys: list[dict[str, Any]], days: int) -> None:
    for buy in buys:
        superseded = buy.get("superseded_date")
        published.add(
            "signal_buys",
            as_of_date=DAY,
            source=buy["issuer_source"],
            filing_source=buy["source"],
            valid_from=buy["available_date"],
            valid_to=superseded,
            **{
                name: buy[name]
                for name in (
                    "issuer_id", "transaction_id", "version_number", "buyer", "role", "seniority", "is_senior", "transaction_date",
                    "value_base",
                )
            },
        )  # fmt: skip
        if superseded is None:
            published.add(
                "insider_transactions",
                as_of_date=DAY,
                is_duplicate=False,
                lag_days=(buy["filing_date"] - buy["transaction_date"]).days,
                is_late=(buy["filing_date"] - buy["transaction_date"]).days > 3,
                price_flag="not_positive" if buy["issuer_id"] == "I003" else None,
                **{
                    name: value
                    for name, value in buy.items()
                    if name not in ("seniority", "buyer", "superseded_at", "superseded_date")
                },
            )
    for ago in range(days):
        day = DAY - timedelta(days=ago)
        rows = []
        for issuer in sorted({(buy["issuer_source"], buy["issuer_id"]) for buy in buys}):
            counted = [
                buy
                for buy in buys
                if (buy["issuer_source"], buy["issuer_id"]) == issuer
                and buy["available_date"] <= day
                and (buy.get("superseded_date") is None or buy["superseded_date"] > day)
                and buy["transaction_date"] >= day - timedelta(days=WINDOW)
            ]
            if counted:
                rows.append(_score(issuer, counted, day))
                recent = {
                    buy["buyer"] for buy in counted if buy["transaction_date"] > day - timedelta(days=14)
                }
                if len(recent) > 1:
                    published.add(
                        "buy_clusters", source=issuer[0], issuer_id=issuer[1], signal_date=day, cluster_since=day,
                        distinct_buyers=len(recent),
                    )  # fmt: skip
        rows.sort(key=lambda row: (-round(row["score"], 9), row["source"], row["issuer_id"]))
        for rank, row in enumerate(rows, 1):
            published.add("issuer_scores", rank=rank, signal_date=day, **row)
            if day == DAY:
                name = name_of(int(row["issuer_id"][1:]))
                published.add(
                    "daily_insider_signal",
                    rank=rank,
                    as_of_date=DAY,
                    issuer_name=name,
                    ticker=f"T{int(row['issuer_id'][1:])}",
                    availability_clock="updated",
                    same_terms_buyers=4 if row["issuer_id"] == "I004" else 1,
                    price_flags="not_positive" if row["issuer_id"] == "I003" else None,
                    transaction_ids="",
                    **row,
                )


def _score(issuer: tuple[str, str], counted: list[dict[str, Any]], day: date) -> dict[str, Any]:
    value = sum(buy["value_base"] for buy in counted)
    buyers = len({buy["buyer"] for buy in counted})
    last = max(buy["transaction_date"] for buy in counted)
    is_senior = any(buy["is_senior"] for buy in counted)
    terms = [math.log(1 + value), 0.75 * buyers, float(is_senior), -0.05 * (day - last).days]
    return {
        "source": issuer[0],
        "issuer_id": issuer[1],
        "market": counted[0]["market"],
        "total_buy_value": value,
        "base_currency": "EUR",
        "distinct_buyers": buyers,
        "senior_buyer_flag": is_senior,
        "last_buy_date": last,
        "days_since_last_buy": (day - last).days,
        "buy_lines": len(counted),
        "unpriced_buys": 1 if issuer[1] == "I005" else 0,
        "buy_value_term": terms[0],
        "distinct_buyers_term": terms[1],
        "senior_buyer_term": terms[2],
        "days_since_last_buy_term": terms[3],
        "score": sum(terms),
        "score_version": 1,
        "role_map_version": 3,
        "rank_in_market": 1,
        "tradable_on": day + timedelta(days=1),
        "is_source_behind": issuer[0] == "late_feed",
    }


def _weights(published: Published) -> None:
    for term, weight in (
        ("log_buy_value", 1.0),
        ("distinct_buyers", 0.75),
        ("senior_buyer", 1.0),
        ("days_since_last_buy", -0.05),
    ):
        published.add("score_terms", version=1, term=term, weight=weight, window_days=WINDOW, is_in_use=True)


def _plumbing(published: Published) -> None:
    _weights(published)
    published.add(
        "source_status", as_of_date=DAY, source=SOURCE, complete_through=DAY, is_source_behind=False, days_behind=0,
        reported_records=120, received_records=120, window_status="verified",
    )  # fmt: skip
    published.add(
        "source_status", as_of_date=DAY, source="late_feed", complete_through=DAY - timedelta(days=3), is_source_behind=True,
        days_behind=3, received_records=7, window_status="unverified",
    )  # fmt: skip
    published.add("source_status", as_of_date=DAY, source="ecb_rates")
    published.add("load_completeness", as_of_date=DAY, source=SOURCE, is_closed=True, status="verified")
    published.add(
        "load_completeness", as_of_date=DAY, source="late_feed", is_closed=True, status="unverified"
    )
    published.add(
        "unmapped_values", as_of_date=DAY, source=SOURCE, seed="role_map", raw_value="=Chief <b>Officer</b>", occurrences=3
    )  # fmt: skip
    published.add("quarantined_records", source=SOURCE, quarantine_id="q", reason="missing_id", payload="{}")
    published.add("duplicate_lines", as_of_date=DAY, source=SOURCE, transaction_id="d")
    for market in MARKETS:
        for lag in range(6):
            published.add(
                "filing_timeliness", as_of_date=DAY, source=SOURCE, market=market, filing_id=f"F-{lag}",
                transaction_id=f"{market}-{lag}", rule="Art. 19", clock="insider_notification", measured_on="filing_date",
                measured_date=DAY - timedelta(days=20), day_kind="business", deadline_days=3, lag_days=lag, is_late=lag > 3,
            )  # fmt: skip
    published.add(
        "filing_counts", as_of_date=DAY, source=SOURCE, market="US", filing_date=DAY - timedelta(days=40), gap="no_filings"
    )  # fmt: skip


def _study(published: Published) -> None:
    published.add("event_study_run", as_of_date=DAY, score_version=1, n_events=40)
    for kind in ("first_buy", "cluster"):
        for ahead in ("", "_at_transaction"):
            for place, horizon in enumerate((1, 5, 10, 21, 63)):
                mean = 0.004 * (place + 1) * (2 if ahead else 1)
                published.add(
                    "event_study", event_kind=kind + ahead, slice="event_kind", slice_value="all", score_version=1, horizon=horizon,
                    return_kind="adjusted", is_looking_ahead=bool(ahead), n_events=40, n_weeks=30, mean=mean, median=mean / 2,
                    share_positive=0.55, tested_mean=mean, ci_low=mean - 0.01, ci_high=mean + 0.01, p_value=0.2,
                    p_value_from="week" if horizon <= 5 else "calendar", n_tests=10, q_by=0.4, q_bh=0.3,
                    placebo_percentile=None if ahead else 0.7, breakeven_cost_bps=20.0, share_unpriced=0.1,
                )  # fmt: skip
        published.add(
            "signal_returns", event_id=f"{kind}:{SOURCE}:I000", event_kind=kind, signal_date=DAY - timedelta(days=3), source=SOURCE,
            issuer_id="I000", horizon=5, paid_to_close=0.97, adjusted_return=None, unpriced_reason="horizon_not_reached",
        )  # fmt: skip
