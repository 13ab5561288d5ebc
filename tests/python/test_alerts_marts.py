"""The mart alerts agrees with a plain reading of the other marts, and a later day changes no alert of an earlier one."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import generated
import project
import pytest
from test_properties import END, START, WALKED, walks_of

from sandbox.generator import build

EARLIER = END - timedelta(days=20)
THRESHOLDS = {
    "new_cluster": 2, "score_above": 13, "rank_within": 5, "senior_first_buy": 1000, "watched_issuer": 0, "amendment_moves": 3,
    "source_behind": 1, "unmapped_value": 1000,
}  # fmt: skip
READ = ["alerts", "signal_buys", "insider_transaction_versions", "issuer_scores", "buy_clusters"]
QUIET = {"new_cluster": 30, "score_above": 30, "rank_within": 30, "senior_first_buy": 20}
Alert = tuple[str, str, date]


@pytest.fixture(scope="module")
def built(seeded, tmp_path_factory) -> tuple[Path, Path]:
    """The same archive, built as of its last day and as of an earlier one."""
    folder = tmp_path_factory.mktemp("alerts")
    feed = build("adversarial", 400, start_date=START, end_date=END)
    database = project.copy_of(seeded, folder / "filings.duckdb")
    generated.write_archive(
        database, [[seen for walk in walks_of(feed, WALKED) for seen in walk]], generated.RATES
    )
    with duckdb.connect(str(database)) as connection:
        for rule, threshold in THRESHOLDS.items():
            connection.execute(
                "update seeds.alert_rules set threshold = ?, quiet_days = ? where rule = ?",
                [threshold, QUIET.get(rule, 0), rule],
            )
    # The issuers that are watched.
    project.run_models(database, {"as_of_date": str(END)}, only=["issuers"])
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "insert into seeds.watched_issuers select source, issuer_id, '' from marts.issuers"
            " order by filing_count desc, issuer_id limit 5"
        )
    earlier = project.copy_of(database, folder / "earlier.duckdb")
    for of_day, day in ((database, END), (earlier, EARLIER)):
        project.run_models(of_day, {"as_of_date": str(day)}, only=READ)
    return database, earlier


@pytest.fixture(scope="module")
def alerts(built) -> list[dict[str, Any]]:
    return project.rows(built[0], "select * from marts.alerts")


def told(alerts: list[dict[str, Any]], *rules: str) -> set[Alert]:
    return {
        (alert["rule"], alert["topic"], alert["known_on"])
        for alert in alerts
        if alert["rule"] in rules and not alert["amends_alert_id"]
    }


def once(days: list[date], quiet: int) -> list[date]:
    """The days that follow no other within the quiet ones."""
    return [
        day
        for before, day in zip([None, *days], days, strict=False)
        if before is None or (day - before).days > quiet
    ]


def test_scores_are_told_on_the_first_day_on_which_they_meet_a_rule(built, alerts) -> None:
    meets = {
        "new_cluster": ("buy_clusters", lambda row: row["distinct_buyers"] >= THRESHOLDS["new_cluster"]),
        "score_above": ("issuer_scores", lambda row: row["score"] >= THRESHOLDS["score_above"]),
        "rank_within": ("issuer_scores", lambda row: row["rank"] <= THRESHOLDS["rank_within"]),
    }
    days = defaultdict(list)
    for rule, (mart, is_met) in meets.items():
        for row in project.rows(built[0], f"select * from marts.{mart} order by signal_date"):
            if is_met(row):
                days[rule, f"{row['source']}:{row['issuer_id']}"].append(row["signal_date"])
    expected = {(rule, topic, day) for (rule, topic), met in days.items() for day in once(met, QUIET[rule])}
    assert told(alerts, *meets) == expected
    assert {rule for rule, *_ in expected} == set(meets)


def test_first_buys_are_of_seniors_that_had_not_bought(built, alerts) -> None:
    buys = defaultdict(list)
    for row in project.rows(
        built[0], "select * from marts.signal_buys where buyer is not null order by valid_from"
    ):
        buys[f"{row['source']}:{row['issuer_id']}:{row['buyer']}"].append(row)
    starts = min(row["valid_from"] for rows in buys.values() for row in rows)
    expected = set()
    for topic, rows in buys.items():
        for day in once(sorted({row["valid_from"] for row in rows}), QUIET["senior_first_buy"]):
            of_day = [row for row in rows if row["valid_from"] == day]
            worth = sum(row["value_base"] or 0 for row in of_day)
            if (
                any(row["is_senior"] for row in of_day)
                and worth >= THRESHOLDS["senior_first_buy"]
                and (day - starts).days > QUIET["senior_first_buy"]
            ):
                expected.add(("senior_first_buy", topic, day))
    assert told(alerts, "senior_first_buy") == expected
    assert len(expected) > 5


def test_amendments_of_what_was_told_say_so_and_tell_it_no_second_time(built, alerts) -> None:
    superseded = {
        (row["transaction_id"], row["version_number"]): row["superseded_date"]
        for row in project.rows(built[0], "select * from marts.insider_transaction_versions")
    }
    buys = project.rows(built[0], "select * from marts.signal_buys")
    expected = set()
    for alert in alerts:
        if alert["amends_alert_id"] or alert["rule"] not in QUIET:
            continue
        for row in buys:
            gone = superseded[row["transaction_id"], row["version_number"]]
            counts = row["valid_from"] <= alert["known_on"] and (
                row["valid_to"] is None or alert["known_on"] < row["valid_to"]
            )
            is_of_it = alert["topic"] in (
                f"{row['source']}:{row['issuer_id']}",
                f"{row['source']}:{row['issuer_id']}:{row['buyer']}",
            )
            in_cluster = alert["rule"] != "new_cluster" or row["transaction_date"] > alert[
                "known_on"
            ] - timedelta(days=14)
            if counts and is_of_it and in_cluster and gone is not None and gone == row["valid_to"]:
                expected.add((alert["alert_id"], gone))
    assert {
        (alert["amends_alert_id"], alert["known_on"])
        for alert in alerts
        if alert["amends_alert_id"] and alert["rule"] in QUIET
    } == expected
    assert len(expected) > 3
    ids = [alert["alert_id"] for alert in alerts]
    assert len(ids) == len(set(ids))


def test_every_filing_of_a_watched_issuer_is_told_but_for_amendments(built, alerts) -> None:
    first = project.rows(
        built[0],
        """
        select distinct versions.source || ':' || versions.filing_id || ':' || versions.issuer_id as topic, versions.amends_id
        from marts.insider_transaction_versions as versions
        inner join seeds.watched_issuers as watched
            on versions.issuer_source = watched.source and versions.issuer_id = watched.issuer_id
        where version_number = 1 and not is_cancelled and available_date <= (select max(as_of_date) from marts.alerts)
            and transaction_type in ('open_market_purchase', 'open_market_sale')
        """,
    )
    topics = {topic for _, topic, _ in told(alerts, "watched_issuer")}
    assert {row["topic"] for row in first if row["amends_id"] is None} <= topics
    assert topics <= {row["topic"] for row in first}
    assert len(topics) > 5


def test_a_later_day_changes_no_alert_of_an_earlier_one(built, alerts) -> None:
    before = project.rows(built[1], "select * from marts.alerts")
    # Of the lines of a value that no map knows, those count that are in force on the as-of date.
    rules = set(THRESHOLDS) - {"unmapped_value"}

    def known(rows: list[dict[str, Any]]) -> list[tuple]:
        columns = (
            "alert_id",
            "amends_alert_id",
            "rule",
            "topic",
            "known_on",
            "rank",
            "score",
            "value_base",
            "says",
        )
        return sorted(
            tuple(str(row[column]) for column in columns)
            for row in rows
            if row["rule"] in rules and row["known_on"] <= EARLIER
        )

    assert known(before) == known(alerts)
    assert len(known(before)) > 20
    assert {row["rule"] for row in before} >= rules - {"source_behind"}
    assert max(row["known_on"] for row in before) <= EARLIER
