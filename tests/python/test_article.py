"""On a clean feed in euros, the scores are those of the article's script, every day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import generated
import project
import pytest

import sandbox
from tools.benchmarks import article

START, END = date(2025, 10, 1), date(2026, 3, 31)
EXACT = ["distinct_buyers", "senior_buyer_flag", "last_buy_date", "days_since_last_buy"]


def test_every_score_of_a_clean_feed_is_the_articles(database: Path) -> None:
    records = sandbox.generate("clean", start_date=START, end_date=END)
    observations = generated.observed_once(records, datetime(2026, 4, 2, tzinfo=UTC))
    generated.write_archive(database, [observations], generated.RATES)
    variables = {"as_of_date": END.isoformat(), "role_map_version": 1}
    project.run_models(database, variables, only=["issuer_scores"])
    found: dict[date, list[dict]] = {}
    for row in project.rows(database, "select * from marts.issuer_scores order by signal_date, rank"):
        found.setdefault(row["signal_date"], []).append(row)

    compared = 0
    for day in (START + timedelta(days=number) for number in range((END - START).days + 1)):
        # The day of the sandbox's clean markets, France and Germany, for which a filing counts as public.
        signal = article.build_signal(records, day.isoformat(), time_zone="Europe/Paris")
        signal = signal.assign(last_buy_date=signal["last_buy_date"].dt.date)
        expected = {row["issuer_id"]: row for row in signal.to_dict("records")}
        scores = found.pop(day, [])
        assert {row["issuer_id"] for row in scores} == expected.keys(), day
        for row in scores:
            of_issuer = expected[row["issuer_id"]]
            assert row["score"] == pytest.approx(of_issuer["score"], abs=1e-9), (day, row)
            assert float(row["total_buy_value"]) == pytest.approx(of_issuer["total_buy_value"], abs=1e-6)
            assert {column: row[column] for column in EXACT} == {
                column: of_issuer[column] for column in EXACT
            }, (day, row)
        assert [row["score"] for row in scores] == pytest.approx(signal["score"].tolist(), abs=1e-9), day
        compared += len(scores)
    assert not found
    assert compared > 5000
