"""The main job on real filings: served page by page, loaded, built, and compared with the XML and the expected ranking."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import real_filings
from real_filings import FACTS, PROJECT

import sandbox

pytestmark = pytest.mark.skipif(
    not real_filings.is_available(),
    reason="no real filings: set INSIDER_FILINGS_SHARED to the folder that has data/sec_form4",
)

FIRST_DAY, AS_OF = date(2023, 3, 1), date(2023, 6, 15)


@pytest.fixture(scope="module")
def filings() -> dict[str, dict]:
    """The records by accession."""
    return {filing["id"]: filing for filing in real_filings.records()}


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The working database after one load and one build as of AS_OF."""
    folder = tmp_path_factory.mktemp("real_filings")
    real_filings.write_folder(folder / "records")
    with sandbox.serve(records=folder / "records") as api:
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("SOURCES__")
        } | {
            "INSIDER_FILINGS_DB": str(folder / "filings.duckdb"),
            "DLT_DATA_DIR": str(folder / "dlt_data"),
            "INSIDER_FILINGS_NOW": f"{AS_OF + timedelta(days=2)}T00:00:00Z",
            "SOURCES__FILINGS_API__BASE_URL": api.url,
            # Prices such as 1.158: by themselves they may be thousands.
            "SOURCES__FILINGS_API__DECIMAL_SEPARATOR": ".",
        }
        run(environment, sys.executable, "-m", "loader", "ecb_rates")
        days = ["--start-date", str(FIRST_DAY), "--end-date", str(AS_OF)]
        run(environment, sys.executable, "-m", "loader", "filings_api", *days)
    dbt = Path(sys.executable).with_name("dbt")
    places = [
        "--project-dir",
        PROJECT,
        "--profiles-dir",
        PROJECT,
        "--target-path",
        folder,
        "--log-path",
        folder,
    ]
    run(
        environment,
        dbt,
        "--quiet",
        "build",
        *places,
        # They read no data, and run elsewhere.
        "--exclude-resource-type",
        "unit_test",
        "--vars",
        json.dumps({"as_of_date": str(AS_OF)}),
    )
    with duckdb.connect(folder / "filings.duckdb", read_only=True) as connection:
        yield connection


def run(environment: dict[str, str], *command: str | Path) -> None:
    """Runs a command in the project's folder; its output is the message when it fails."""
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout[-5000:]}\n{done.stderr[-5000:]}"


def one(database, sql: str) -> tuple:
    [row] = database.execute(sql).fetchall()
    return row


def test_every_record_is_archived_once_as_it_was_sent(database, filings):
    payloads = database.execute("select record_id, payload from raw_filings_api.observations").fetchall()
    assert len(payloads) == len(filings)
    assert {record_id: json.loads(payload) for record_id, payload in payloads} == filings


def test_every_window_is_verified(database, filings):
    windows = database.execute(
        "select status, reported_records = archived_records, set_aside_records, received_records"
        " from marts.load_completeness where source = 'filings_api'"
    ).fetchall()
    assert {window[:3] for window in windows} == {("verified", True, 0)}
    assert sum(window[3] for window in windows) == len(filings)
    assert one(database, "select count(*) from marts.quarantined_records") == (0,)
    assert one(database, "select count(*) from marts.vanished_records") == (0,)


def test_marts_count_as_the_xml_does(database):
    expected = real_filings.count_expected()
    lines = one(
        database,
        """
        select
            count(*),
            count(distinct transaction_id),
            count(distinct issuer_id),
            count(*) filter (where not is_derivative),
            count(*) filter (where is_derivative),
            count(*) filter (where raw_transaction_type = 'P'),
            count(*) filter (where price is null),
            count(*) filter (where shares is null)
        from marts.insider_transactions
        """,
    )
    with_lines = {filing["issuer_id"] for filing in real_filings.records() if filing["transactions"]}
    assert lines == (
        expected["lines"],
        expected["lines"],
        len(with_lines),
        expected["non_derivative_lines"],
        expected["derivative_lines"],
        expected["purchase_lines"],
        expected["lines_without_price"],
        expected["lines_without_shares"],
    )
    owners = one(
        database,
        """
        select
            count(*),
            count(distinct filing_id),
            count(distinct insider_id),
            sum(
                (is_director is not null)::int + (is_officer is not null)::int
                + (is_ten_percent_owner is not null)::int + (is_other is not null)::int
            )
        from marts.filing_owners
        """,
    )
    assert owners == (expected["owners"], expected["filings"], expected["insiders"], expected["flags"])


def test_lines_say_what_the_filings_say(database, filings):
    rows = database.execute(
        """
        select
            filing_id, line_number, raw_transaction_type, transaction_date, shares, price, value, security_type, is_derivative,
            is_planned, issuer_id, issuer_name, insider_id, currency, market, available_at, available_date, url
        from marts.insider_transactions
        """
    )
    found = {row[:2]: row[2:] for row in rows.fetchall()}
    expected = {}
    for filing in filings.values():
        accepted = datetime.fromisoformat(filing["accepted_at"])
        for line in filing["transactions"]:
            shares, price, value = (number(line.get(field)) for field in ("shares", "price", "value"))
            if value is None and shares is not None and price is not None:
                value = round(shares * price, 6)
            planned = {"1": True, "true": True, "0": False, "false": False}.get(line.get("is_10b5_1"))
            expected[filing["id"], line["line_number"]] = (
                line["transaction_type"],
                date.fromisoformat(line["transaction_date"]),
                shares,
                price,
                value,
                line["security_type"],
                line["is_derivative"],
                planned,
                filing["issuer_id"],
                filing["issuer_name"],
                real_filings.insider_of(filing),
                "USD",
                "US",
                accepted.astimezone(UTC).replace(tzinfo=None),
                accepted.date(),
                filing["url"],
            )
    assert found == expected


def number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def test_owners_say_what_the_filings_say(database, filings):
    rows = database.execute(
        """
        select filing_id, insider_id, raw_role, is_director, is_officer, is_ten_percent_owner, is_other, is_senior
        from marts.filing_owners
        """
    ).fetchall()
    meaning = {"1": True, "true": True, "0": False, "false": False, None: None}
    flags = ("is_director", "is_officer", "is_ten_percent_owner", "is_other")
    assert set(rows) == {
        (
            filing["id"],
            owner["insider_id"],
            owner.get("insider_role"),
            *(meaning[owner.get(flag)] for flag in flags),
            real_filings.is_senior(owner),
        )
        for filing in filings.values()
        for owner in filing["owners"]
    }


def test_purchases_are_excluded_for_the_reasons_that_hold(database, filings):
    rows = database.execute(
        """
        select filing_id, line_number, signal_exclusion_reason
        from marts.insider_transactions
        where raw_transaction_type = 'P'
        """
    )
    found = {row[:2]: row[2] for row in rows.fetchall()}
    assert found == {
        (filing["id"], line["line_number"]): real_filings.purchase_exclusion(filing, line)
        for filing in filings.values()
        for line in filing["transactions"]
        if line["transaction_type"] == "P"
    }
    other = "raw_transaction_type <> 'P' and signal_exclusion_reason is null"
    assert one(database, f"select count(*) from marts.insider_transactions where {other}") == (0,)


def test_a_trade_in_two_filings_stands_in_the_earlier(database):
    duplicates = database.execute(
        "select filing_id, standing_filing_id from marts.duplicate_lines"
    ).fetchall()
    restated = real_filings.chosen()["restated"]
    assert {filing_id for pair in duplicates for filing_id in pair} <= set(restated)
    assert ("0001127602-23-016884", "0001127602-23-016873") in duplicates


def test_scores_of_every_day_are_the_expected_ones(database, filings):
    rows = database.execute(
        """
        select signal_date, issuer_id, total_buy_value, distinct_buyers, senior_buyer_flag, last_buy_date, score
        from marts.issuer_scores
        order by signal_date, rank
        """
    ).fetchall()
    found: dict[date, dict[str, tuple]] = {}
    for signal_date, issuer_id, *score in rows:
        found.setdefault(signal_date, {})[issuer_id] = tuple(score)

    eligible = real_filings.eligible_purchases(filings.values())
    for day in (FIRST_DAY + timedelta(days=offset) for offset in range((AS_OF - FIRST_DAY).days + 1)):
        expected = real_filings.expected_scores(eligible, day)
        ranking = found.pop(day, {})
        assert list(ranking) == list(expected), day
        for issuer_id, (value, buyers, senior, last, score) in ranking.items():
            of_issuer = expected[issuer_id]
            assert float(value) == pytest.approx(float(of_issuer["total_buy_value"]), abs=0.01)
            assert (buyers, senior, last) == (
                of_issuer["distinct_buyers"],
                of_issuer["senior_buyer_flag"],
                of_issuer["last_buy_date"],
            )
            assert score == pytest.approx(of_issuer["score"], abs=1e-6)
    assert not found


def test_daily_signal_leads_with_the_recorded_issuers(database):
    leaders = database.execute(
        "select issuer_id, ticker from marts.daily_insider_signal order by rank limit 5"
    ).fetchall()
    assert leaders == [(leader["issuer_id"], leader["ticker"]) for leader in FACTS["rankings"][str(AS_OF)]]
    kept_out = list(FACTS["kept_out"])
    assert (
        database.execute("select * from marts.issuer_scores where issuer_id in ?", [kept_out]).fetchall()
        == []
    )


def test_what_is_accepted_after_the_open_is_tradable_on_a_later_day(database):
    # 84 of 100 filings are accepted at or after 16:00 Eastern, and bear that day's date.
    too_early = (
        "tradable_on < available_date or (tradable_on = available_date and accepted::time >= time '09:30')"
    )
    accepted = "available_at at time zone 'UTC' at time zone 'America/New_York'"
    rows = f"select *, {accepted} as accepted from marts.insider_transactions"
    assert one(database, f"select count(*) from ({rows}) where {too_early}") == (0,)
    assert one(database, f"select count(*) > 0 from ({rows}) where tradable_on = available_date") == (True,)
