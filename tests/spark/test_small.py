"""The small proof, for every change: a small archive of every oddity gives the same marts on both engines."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import engines
import project
import pytest
from equality import differences, empty_marts
from sec_archive import filing, holding, purchase

from event_study.delivery import views_of
from event_study.run import run

FILINGS = 300
START_DATE = "2026-02-20"
SEC_FILINGS = (
    [
        filing(
            "0000000011-26-000001",
            "2026-03-03T16:01:00-05:00",
            [purchase("2026-03-02", "1000", "12.50"), purchase("2026-03-02", "63", "12.55"), holding()],
        ),
        # Another insider tells the same trade.
        filing(
            "0000000012-26-000001",
            "2026-03-03T16:02:00-05:00",
            [purchase("2026-03-02", "63", "12.55")],
            owner="0000000012",
        ),
        # Two filings of one day and one owner.
        filing(
            "0000000013-26-000001",
            "2026-03-04T16:01:00-05:00",
            [purchase("2026-03-03", "600", "10"), purchase("2026-03-03", "300", "11", owned_after="1900")],
            owner="0000000013",
        ),
        filing(
            "0000000013-26-000002",
            "2026-03-04T16:02:00-05:00",
            [purchase("2026-03-03", "600", "10.10"), purchase("2026-03-03", "50", "12")],
            owner="0000000013",
        ),
    ],
    [
        filing(
            "0000000011-26-000002",
            "2026-03-31T16:01:00-04:00",
            [purchase("2026-03-02", "1000", "12.75")],
            form_type="4/A",
            original_date="2026-03-03",
        ),
        # One line has another code, one is split, and one is added.
        filing(
            "0000000013-26-000003",
            "2026-03-31T16:02:00-04:00",
            [
                purchase("2026-03-03", "600", "10", code="J"),
                purchase("2026-03-03", "100", "11", owned_after="1700"),
                purchase("2026-03-03", "200", "11", owned_after="1900"),
                purchase("2026-03-04", "70", "11", owned_after="1970"),
            ],
            form_type="4/A",
            owner="0000000013",
            original_date="2026-03-04",
        ),
        # The amendment is amended.
        filing(
            "0000000013-26-000004",
            "2026-03-31T16:03:00-04:00",
            [purchase("2026-03-03", "650", "10", code="J"), purchase("2026-03-03", "300", "11")],
            form_type="4/A",
            owner="0000000013",
            original_date="2026-03-04",
            remarks="Corrects an error in the number of shares.",
        ),
    ],
)


@pytest.mark.parametrize(
    "days", [slice(1, 2), pytest.param(slice(0, 2), marks=pytest.mark.nightly)], ids=["last", "both"]
)
def test_both_engines_give_the_same_marts(tmp_path, days):
    stages = engines.feed_stages(
        tmp_path, "adversarial", FILINGS, START_DATE, engines.MODELS, sec_filings=SEC_FILINGS
    )
    assert set.intersection(*(empty_marts(stage.database) for stage in stages)) == set()
    # The last day's archive has the first one's, too: Spark makes at once what DuckDB made in two steps.
    marts = engines.spark_builds(tmp_path / "spark", stages[days], engines.MODELS)
    for stage, warehouse in zip(stages[days], marts, strict=True):
        assert differences(stage.database, warehouse) == {}
    # What is measured of the tables of either engine is the same, too.
    measured = [(stages[-1].database, "duckdb"), (tmp_path / "spark.duckdb", "spark")]
    views_of(marts[-1], measured[1][0])
    sides = {name: event_study_of(database) for database, name in measured}
    assert sides["spark"] == pytest.approx(sides["duckdb"], rel=1e-9, abs=1e-12, nan_ok=True)


def event_study_of(database: Path) -> dict[tuple[str, int], float]:
    """The benchmark-adjusted return of each event and horizon, as measured of a database's tables."""
    run(database)
    returns = project.rows(
        database, "select event_id, horizon, raw_return, unpriced_reason from marts.signal_returns"
    )
    assert returns
    return {
        (row["event_id"], row["horizon"], row["unpriced_reason"]): row["raw_return"] or 0.0 for row in returns
    }


def test_a_value_that_is_not_of_its_type_stops_the_seed(tmp_path):
    copy = tmp_path / "project"
    for name in ("models", "macros", "seeds", "tests"):
        shutil.copytree(project.PROJECT / name, copy / name, ignore=shutil.ignore_patterns("python", "spark"))
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(project.PROJECT / name, copy / name)
    seed = copy / "seeds" / "filing_deadlines.csv"
    seed.write_text(
        seed.read_text(encoding="utf-8").replace(",2021-01-01,Regulation", ",2021-13-01,Regulation", 1)
    )
    folders = (
        "--project-dir",
        str(copy),
        "--profiles-dir",
        str(copy),
        "--target-path",
        str(tmp_path / "target"),
    )
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "dbt.cli.main",
            "seed",
            "--select",
            "filing_deadlines",
            "--target",
            "spark",
            *folders,
        ],
        env=os.environ
        | project.spark_settings(tmp_path)
        | {"INSIDER_ARCHIVE_URL": str(tmp_path), "SPARK_CONF_DIR": str(engines.CONFIGURATION)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "seed filing_deadlines: valid_to is no date: 2021-13-01" in done.stdout
