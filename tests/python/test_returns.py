"""Events and returns agree with the plain Python reference, row by row, and know nothing of what comes later."""

from __future__ import annotations

import json
import math
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import generated
import market_prices
import project
import pyarrow as pa
import pytest
from returns_reference import RETURNS, ReturnsReference
from test_properties import walks_of

from event_study.run import run
from sandbox.generator import build

START, END = date(2022, 1, 3), date(2026, 3, 31)
AS_OF = {"as_of_date": END.isoformat()}
WALKED = [
    datetime(2023, 6, 1, tzinfo=UTC),
    datetime(2025, 2, 1, tzinfo=UTC),
    datetime(2026, 4, 3, tzinfo=UTC),
]
STUDY = ["path:models/intermediate/event_study", "path:models/marts/event_study"]
LABELS = [
    "ticker", "score", "score_quintile", "distinct_buyers", "is_senior", "role", "buy_value_to_volume", "same_terms_buyers",
    "is_first_buy_in_year", "trading_pattern", "paid_to_close", "paid_to_close_flag", "tradable_on",
]  # fmt: skip
MEASURED = ["entry_date", "entry_at", "entry_price", "exit_date", "is_delisted", "unpriced_reason", *RETURNS]


def run_study(database: Path, variables: dict[str, Any] = AS_OF) -> None:
    project.run(database, "--select", *STUDY, variables=variables)
    run(database)


def calendars(
    database: Path, markets: list[str], first: date = START, last: date = END
) -> dict[str, list[date]]:
    """The sessions of each market."""
    return {
        market: [
            row["date_day"]
            for row in project.rows(
                database,
                f"""
                select date_day from intermediate.int_sessions
                inner join seeds.markets on int_sessions.exchange_calendar = markets.exchange_calendar
                where market = '{market}' and is_session and date_day between date '{first}' and date '{last}' order by 1
                """,
            )
        ]
        for market in markets
    }


def reference_of(database: Path) -> ReturnsReference:
    """The reference on what a database has of filings, scores, buys and prices."""
    buys = """
        from {} as buys
        inner join intermediate.int_transaction_versions as transactions using (transaction_id, version_number)
        inner join (
            select source, record_id, min(available_date) as available_date
            from intermediate.int_filing_versions group by all
        ) as records on transactions.source = records.source and transactions.record_id = records.record_id
        left join (
            select origins.source, origins.record_id, version_number, line_ordinal, min(earlier.available_date) as available_date
            from intermediate.int_line_origins as origins
            inner join (
                select source, record_id, min(available_date) as available_date from intermediate.int_filing_versions group by all
            ) as own on origins.source = own.source and origins.record_id = own.record_id
            inner join (
                select source, record_id as origin_record_id, available_date from intermediate.int_filing_versions
            ) as earlier on origins.source = earlier.source and origins.origin_record_id = earlier.origin_record_id
            where split_part(known_from, '|', 1)::date <= own.available_date
            group by all
        ) as amended
            on transactions.source = amended.source and transactions.record_id = amended.record_id
            and transactions.version_number = amended.version_number and transactions.line_ordinal = amended.line_ordinal
    """
    days = project.rows(
        database,
        "select exchange_calendar, date_day from intermediate.int_sessions where is_session order by 1, 2",
    )
    sessions: dict[str, list[date]] = {}
    for row in days:
        sessions.setdefault(row["exchange_calendar"], []).append(row["date_day"])
    return ReturnsReference(
        filings=project.rows(database, "select * from intermediate.int_filing_versions"),
        scores=project.rows(database, "select * from marts.issuer_scores"),
        buys=project.rows(
            database,
            "select buys.*, transactions.role as role, transactions.seniority as seniority, transactions.currency, shares, price,"
            " least(records.available_date, amended.available_date) as first_available_date "
            + buys.format("intermediate.int_buys"),
        ),
        eligible=project.rows(
            database,
            "select issuer_source, issuer_id, transaction_date, valid_from, valid_to "
            + buys.format("intermediate.int_eligible_spans"),
        ),
        same_terms=project.rows(database, "select * from intermediate.int_same_terms_spans"),
        trades=project.rows(
            database,
            "select * from intermediate.int_transaction_versions"
            " where transaction_type in ('open_market_purchase', 'open_market_sale') and not is_cancelled"
            " and transaction_date is not null",
        ),
        closes=project.rows(database, "select * from staging.stg_prices__closes"),
        calendars=sessions,
        markets={row["market"]: row for row in project.rows(database, "select * from seeds.markets")},
        as_of=END,
    )


def same(found: Any, expected: Any) -> bool:
    if isinstance(found, float) and isinstance(expected, float):
        return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)
    return found == expected


def compare(database: Path, reference: ReturnsReference) -> Counter[str | None]:
    """Every row of signal_returns against the reference; how often each reason occurs."""
    expected = reference.rows()
    found = {
        (row["event_id"], row["horizon"]): row
        for row in project.rows(database, "select * from marts.signal_returns")
    }
    assert sorted(found) == sorted(expected)
    differing = [
        (key, name, found[key][name], expected[key][name])
        for key in found
        for name in [*LABELS, *MEASURED]
        if not same(found[key][name], expected[key][name])
    ]
    assert differing == [], (len(differing), differing[:10])
    return Counter(row["unpriced_reason"] for row in expected.values())


# ---------------------------------------------------------------- a generated market


def observations() -> list[generated.Observation]:
    """What a few walks saw of a feed with every wart, in which some issuers change their tickers and some take those of others."""
    archive = build("realistic", 1_500, 3, START, END)
    seen = [seen for walk in walks_of(archive, WALKED) for seen in walk]
    issuers = sorted({json.loads(one["payload"]).get("issuer_id") or "" for one in seen} - {""})
    renamed, followers = set(issuers[::9]), dict(zip(issuers[4::9], issuers[::9], strict=False))
    first_tickers: dict[str, str] = {}
    for one in seen:
        record = json.loads(one["payload"])
        if record.get("ticker"):
            first_tickers.setdefault(record.get("issuer_id"), record["ticker"])
    changed = []
    for one in seen:
        record = json.loads(one["payload"])
        issuer, filed = record.get("issuer_id"), str(record.get("filing_date"))
        if issuer in renamed and filed > "2024-06":
            record["ticker"] = f"new{issuers.index(issuer)}"
        elif issuer in followers and filed > "2025-01":
            record["ticker"] = first_tickers.get(followers[issuer])
        elif issuer in issuers[7::9] and filed < "2024-03":
            record["ticker"] = None
        changed.append({**one, "payload": json.dumps(record)})
    return changed


@pytest.fixture(scope="module")
def market(seeded, tmp_path_factory) -> Path:
    """A database with filings, generated prices of their issuers, and the returns of both."""
    database = project.copy_of(seeded, tmp_path_factory.mktemp("market") / "market.duckdb")
    generated.write_archive(database, [observations()], generated.RATES)
    project.run_models(database, AS_OF, event_study=True)
    issuers = project.rows(
        database,
        "select distinct issuer_id, upper(trim(ticker)) as ticker, market from intermediate.int_filing_versions"
        " where ticker is not null and market in (select market from seeds.markets where market <> 'unknown') order by all",
    )
    markets = Counter(row["market"] for row in issuers)
    days = calendars(database, [name for name, _ in markets.most_common()], START - timedelta(days=200))
    rows = market_prices.random_prices([tuple(row.values()) for row in issuers], days)
    with duckdb.connect(str(database)) as connection:
        market_prices.write_closes(connection, rows)
    run_study(database)
    return database


CUT = date(2025, 6, 30)


def returns_of(database: Path) -> dict[tuple[str, int], dict[str, Any]]:
    return {
        (row["event_id"], row["horizon"]): row
        for row in project.rows(database, "select * from marts.signal_returns")
    }


def without_later_filings(database: Path) -> None:
    """Takes away what filings made known after `CUT`, as if they had not been loaded yet."""
    with duckdb.connect(str(database)) as connection:
        for table in ("int_filing_versions", "int_transaction_versions"):
            connection.execute(f"delete from intermediate.{table} where available_date > date '{CUT}'")
        connection.execute(f"""
            update intermediate.int_transaction_versions set superseded_date = null, superseded_at = null
            where superseded_date > date '{CUT}'
        """)
        connection.execute(f"delete from marts.issuer_scores where signal_date > date '{CUT}'")


def without_later_prices(database: Path) -> None:
    """Takes away the prices after `CUT`."""
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"delete from staging.stg_prices__closes where session_date > date '{CUT}'")


def unequal(earlier: dict[str, Any], later: dict[str, Any], names: list[str]) -> list[tuple[str, Any, Any]]:
    return [(name, earlier[name], later[name]) for name in names if not same(earlier[name], later[name])]


@pytest.mark.parametrize("take_away", [without_later_filings, without_later_prices])
def test_what_is_loaded_later_changes_no_label_and_no_finished_return(
    market: Path, tmp_path: Path, take_away: Any
) -> None:
    database = project.copy_of(market, tmp_path / "market.duckdb")
    take_away(database)
    run_study(database)
    earlier, later = returns_of(database), returns_of(market)
    known = {key for key, row in later.items() if row["signal_date"] <= CUT}
    assert {key for key, row in earlier.items() if row["signal_date"] <= CUT} == known
    changed = [
        (key, differences)
        for key in known
        if (
            differences := unequal(
                earlier[key], later[key], ["event_kind", "market", "score_version", *LABELS]
            )
        )
    ]
    assert changed == [], (len(changed), changed[:5])

    finished = {
        key for key in known if earlier[key]["raw_return"] is not None and earlier[key]["exit_date"] <= CUT
    }
    changed = [
        (key, differences) for key in finished if (differences := unequal(earlier[key], later[key], MEASURED))
    ]
    assert changed == [], (len(changed), changed[:5])
    assert len(finished) > 1_000
    # And what was not finished becomes so.
    if take_away is without_later_prices:
        waiting = {key for key in known if earlier[key]["unpriced_reason"] == "horizon_not_reached"}
        assert {key for key in known if unequal(earlier[key], later[key], MEASURED)} <= waiting | {
            key for key in known if earlier[key]["unpriced_reason"] in ("no_exit", "no_price", "no_entry")
        }
        assert any(later[key]["raw_return"] is not None for key in waiting)


def test_every_return_of_a_generated_market_agrees_with_the_reference(market: Path) -> None:
    reasons = compare(market, reference_of(market))
    assert set(reasons) == {
        None, "archive_begins", "no_symbol", "no_price", "no_entry", "horizon_not_reached", "no_exit", "no_benchmark",
        "suspect_series", "short_estimation",
    }  # fmt: skip
    assert reasons[None] > 1_000


ANOTHER, HALTED, UNTOLD, STALE, TOLD = range(5)


def trouble(kind: int, days: list[date], entry: int) -> dict[str, Any]:
    """Closes (and what the file says of splits) of a share whose prices change ten sessions after an entry."""
    change = entry + 10
    before, after = {
        ANOTHER: (10.0, 46.9),
        HALTED: (10.0, 11.0),
        UNTOLD: (10.0, 363.0),
        STALE: (40.0, 10.0),
        TOLD: (1.0, 30.0),
    }[kind]
    pause = {ANOTHER: 29, HALTED: 30}.get(kind, 0)
    closes = {day: before if place < change else after for place, day in enumerate(days)}
    closes = {
        day: close
        for place, (day, close) in enumerate(closes.items())
        if not change <= place < change + pause
    }
    factors = {day: 1 / 30 if place < change else 1.0 for place, day in enumerate(days)}
    return {"closes": closes, "split_factors": factors if kind == TOLD else {}}


def test_a_jump_without_a_split_is_no_return_and_after_a_pause_another_series(
    market: Path, tmp_path: Path
) -> None:
    """What other people's price files showed: +369 %, +3,530 % and -75 %, none of which anybody earned."""
    database = project.copy_of(market, tmp_path / "market.duckdb")
    chosen = project.rows(
        database,
        """
        select any_value(event_id) as event_id, issuer_id, ticker, any_value(entry_date) as entry_date
        from marts.signal_returns
        where event_kind = 'first_buy' and horizon = 63 and unpriced_reason is null and market = 'US'
            and ticker in (select symbol from staging.stg_prices__closes where market = 'US')
            and issuer_id not in (select symbol from staging.stg_prices__closes where symbol is not null)
        group by issuer_id, ticker having count(*) = 1 order by issuer_id limit 5
        """,
    )  # fmt: skip
    assert len(chosen) == 5
    days = calendars(database, ["US"], START - timedelta(days=200))["US"]
    rows = [
        row
        for kind, event in enumerate(chosen)
        for row in market_prices.close_rows(
            event["ticker"], "US", **trouble(kind, days, days.index(event["entry_date"]))
        )
    ]
    tickers = tuple(event["ticker"] for event in chosen)
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"delete from staging.stg_prices__closes where symbol in {tickers}")
        connection.register("new_closes", pa.Table.from_pylist(rows, schema=market_prices.CLOSES))
        connection.execute("insert into staging.stg_prices__closes from new_closes")
    run_study(database)

    returns = returns_of(database)
    found = {
        (kind, horizon): (row["unpriced_reason"], row["raw_return"])
        for kind, event in enumerate(chosen)
        for horizon in (5, 63)
        for row in [returns[event["event_id"], horizon]]
    }
    assert found == {
        **{(kind, 5): (None, 0.0) for kind in range(5)},
        (ANOTHER, 63): ("no_exit", None),
        (HALTED, 63): (None, pytest.approx(0.1)),
        (UNTOLD, 63): ("suspect_series", None),
        (STALE, 63): ("suspect_series", None),
        (TOLD, 63): (None, pytest.approx(0.0)),
    }
    listed = {
        row["symbol"]: (row["session_date"], row["finding"], row["sessions_between"], row["change"])
        for row in project.rows(database, f"select * from marts.suspect_prices where symbol in {tickers}")
    }
    changes = [days[days.index(event["entry_date"]) + 10] for event in chosen]
    assert listed == {
        tickers[ANOTHER]: (days[days.index(changes[ANOTHER]) + 29], "new_series", 29, pytest.approx(3.69)),
        tickers[UNTOLD]: (changes[UNTOLD], "jump", 0, pytest.approx(35.3)),
        tickers[STALE]: (changes[STALE], "jump", 0, pytest.approx(-0.75)),
    }
    assert set(compare(database, reference_of(database))) >= {"suspect_series", "no_exit"}


def test_another_build_gives_the_same_rows_to_the_last_digit(market: Path, tmp_path: Path) -> None:
    database = project.copy_of(market, tmp_path / "market.duckdb")
    run_study(database)
    assert returns_of(database) == returns_of(market)


# ---------------------------------------------------------------- versions of the score


@pytest.mark.parametrize("version", [1, 2])
def test_variants_of_the_score_are_those_of_its_versions(market: Path, tmp_path: Path, version: int) -> None:
    database = market
    if version != 1:
        database = project.copy_of(market, tmp_path / "market.duckdb")
        signal = ("path:models/intermediate/signal", "issuer_scores")
        project.run(database, "--select", *signal, variables={**AS_OF, "score_version": version})
    rows = project.rows(
        database,
        """
        select scores.score, variants.*, scores.buy_value_term, scores.distinct_buyers_term, scores.senior_buyer_term,
            scores.days_since_last_buy_term
        from intermediate.int_score_variants as variants
        full join (select * from marts.issuer_scores where isodow(signal_date) = 7) as scores
            using (signal_date, source, issuer_id)
        """,
    )
    assert len(rows) > 500
    for row in rows:
        assert math.isclose(row["score"], row[f"score_version_{version}"], abs_tol=1e-9)
        if version == 1:
            for term, variant in {
                "buy_value_term": "without_log_buy_value",
                "distinct_buyers_term": "without_distinct_buyers",
                "senior_buyer_term": "without_senior_buyer",
                "days_since_last_buy_term": "without_days_since_last_buy",
            }.items():
                assert math.isclose(row["score"] - row[term], row[variant], abs_tol=1e-9)
    if version == 2:
        assert any(row["score_version_1"] > row["score_version_2"] for row in rows)
        assert any(row["score_version_1"] < row["score_version_2"] for row in rows)
