"""The benchmarks run, and what they compare gives the same scores. How long anything takes is no test."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date
from pathlib import Path

import duckdb
import project
import pytest

import loader
import sandbox
from sandbox.raw_archive import Shape, write
from tools.benchmarks import __main__ as benchmark
from tools.benchmarks import article, handwritten, measures, models, report
from tools.benchmarks.daily import PARTS
from tools.benchmarks.measures import Measurement

pytest_plugins = ("loader_fixtures",)

# Of two years, which two processes make.
SHAPE = Shape.of_size(filings=600, start=date(2025, 12, 1))
SIZE = {"filings": 600, "lines": 960, "issuers": 20, "days": 90}


def raw_columns(database: Path) -> list[dict]:
    return project.rows(
        database,
        "select table_name, column_name, data_type, is_nullable from duckdb_columns()"
        " where schema_name = 'raw_filings_api' order by all",
    )


def test_a_written_archive_is_like_a_loaded_one_and_the_same_each_time(archive, feed, tmp_path: Path) -> None:
    loader.load("filings_api", start_date=date(2026, 1, 1), end_date=date(2026, 1, 31))
    contents = []
    for name in ("first", "second"):
        write(tmp_path / f"{name}.duckdb", SHAPE)
        query = "select * from raw_filings_api.observations order by walk_id, page_number, position"
        contents.append(project.rows(tmp_path / f"{name}.duckdb", query))
    assert raw_columns(tmp_path / "first.duckdb") == raw_columns(archive.database)
    assert contents[0] == contents[1]
    last_states = {row["record_id"]: json.loads(row["payload"]) for row in contents[0]}
    lines = sum(len(record.get("transactions", [record])) for record in last_states.values())
    assert lines == pytest.approx(SHAPE.lines, rel=0.15)
    filings = {record.get("filing_id", str(record["id"])) for record in last_states.values()}
    assert len(filings) == pytest.approx(SHAPE.filings, rel=0.01)
    assert filings <= {f"F-{number:06d}" for number in range(1, SHAPE.filings + 1)}
    assert len(last_states) < len(contents[0])


def test_what_is_measured_never_lies_in_an_archive_of_the_environment(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("INSIDER_ARCHIVE_URL", str(tmp_path / "archive"))
    write(tmp_path / "written.duckdb", SHAPE)
    assert raw_columns(tmp_path / "written.duckdb")
    assert not (tmp_path / "archive").exists()
    options = measures.Options(tmp_path, filings=60, lines=None, runs=1, article_days=1)
    assert options.environment("any")["INSIDER_ARCHIVE_URL"] == ""


def test_the_loader_goes_on_from_a_written_archive(archive) -> None:
    write(archive.database, SHAPE)
    records = measures.records_around(archive.database, SHAPE, [date(2026, 4, 1)])
    archive.set_clock("2026-04-02T13:00:00")
    with sandbox.serve(records=records) as api:
        archive.configure(base_url=api.url)
        summary = loader.load("filings_api")
    assert (summary.first_day, summary.complete_through) == (date(2026, 3, 25), date(2026, 4, 1))
    [(new,)] = archive.query(
        "select count(distinct record_id) from raw_filings_api.observations where window_end > '2026-03-31' and record_id not in"
        " (select record_id from raw_filings_api.observations where window_end <= '2026-03-31')"
    )
    assert new == measures.NEW_RECORDS


@pytest.mark.nightly
def test_models_hand_written_sql_and_the_article_give_the_same_scores(tmp_path: Path) -> None:
    shape = Shape.of_size(filings=600, start=date(2025, 11, 1), scenario="clean")
    database = tmp_path / "insider_filings.duckdb"
    write(database, shape)
    models.run(database, "seed")
    variables = json.dumps(measures.ARTICLE_VARIABLES)
    figures = measures.node_seconds(
        models.run(database, "run", "--select", "+issuer_scores", "--vars", variables)
    )
    counted = [set(figures["names"][scope]) for scope in ("buys", "lines", "parsed", "all")]
    assert "issuer_scores" in counted[0] < counted[1] < counted[2] < counted[3]
    assert "stg_filings_api__lines" in counted[3] - counted[2]
    for source in handwritten.INPUTS:
        handwritten.score(str(database), source)
        assert measures.check_handwritten(database) > 1000
    rankings = tmp_path / "rankings.parquet"
    article.main(str(database), str(rankings), str(shape.start), str(shape.end), "20")
    assert measures.check_article_rankings(database, rankings) > 200

    with duckdb.connect(str(database)) as connection:
        connection.execute("update marts.issuer_scores set score = score + 1e-6 where rank = 1")
    with pytest.raises(AssertionError, match="hand-written scores differ"):
        measures.check_handwritten(database)
    with pytest.raises(AssertionError, match="article's script differ"):
        measures.check_article_rankings(database, rankings)


def test_the_harness_measures_and_the_report_shows_it(tmp_path: Path) -> None:
    output = tmp_path / "result.json"
    benchmark.main(["--only", "load", "--filings", "60", "--runs", "1", "--output", str(output)])
    measurements = json.loads(output.read_text())["measurements"]
    for measured in measurements:
        assert measured["ratio"] == pytest.approx(measured["figure"] / measured["baseline_figure"])
        assert measured["size"]["records"] >= 60
        assert min(measured["peak_mb"], measured["baseline_peak_mb"]) > 10

    page = Path(shutil.copy(report.PAGE, tmp_path))
    report.write([output], page, tmp_path / "plot.svg")
    text = page.read_text()
    assert all(f"| {report.number(measured['ratio'])} |" in text for measured in measurements)


def test_every_kind_of_measurement_has_its_table_and_its_place_in_the_plot(tmp_path: Path) -> None:
    growing = [
        Measurement(
            "growth",
            factor,
            SIZE | {factor: SIZE[factor] * times},
            "seconds",
            1.5 * times,
            cpu_seconds=2,
            peak_mb=300,
        )
        for factor in report.FACTORS
        for times in (1, 2, 4, 8)
    ]
    parts = {name: {"seconds": 1, "cpu_seconds": 2} for name in ("imports", *PARTS)}
    nodes = {"nodes": {"int_buys": 3.0}, "by_type": {"model": 3.0}, "database_mb": 12.0}
    measurements = [
        Measurement("scores", "models", SIZE, "seconds", 2, "the script", 80, limit=20, at_least=True),
        Measurement(
            "scores",
            "models",
            SIZE,
            "seconds",
            4,
            "hand-written SQL",
            2,
            limit=1.5,
            runs=[4, 3, 5],
            baseline_runs=[1, 2, 3],
        ),
        Measurement("whole build", "dbt build", SIZE, "seconds", 1000, limit=900, details=nodes),
        Measurement(
            "daily run",
            "signal",
            SIZE,
            "seconds",
            19,
            limit=20,
            details={"seconds": 12, "parts": parts, "nodes": {"test": 1}},
        ),
        *growing,
    ]
    assert [measured.ratio for measured in measurements[:3]] == [40, pytest.approx(5 / 3), None]
    assert [measured.is_reached for measured in measurements[:5]] == [True, False, False, True, None]
    result = {
        "started_at": "2026-01-01T00:00:00",
        "machine": benchmark.machine(),
        "measurements": [measured.as_json() for measured in measurements],
    }
    (tmp_path / "result.json").write_text(json.dumps(result))
    page = Path(shutil.copy(report.PAGE, tmp_path))
    report.write([tmp_path / "result.json"], page, tmp_path / "plot.svg")
    text = page.read_text()
    assert "40.0 times faster |  | \u2265 20: reached" in text
    assert "1.50 to 4.00 | \u2264 1.5: missed" in text
    assert "| int_buys | 3.00 |" in text
    of_growth = text.partition("<!-- begin: growth -->")[2].partition("<!-- end: growth -->")[0]
    assert [len(re.findall(f"^. {factor} .", of_growth, re.MULTILINE)) for factor in report.FACTORS] == [
        4,
        4,
        4,
        4,
    ]
    picture = (tmp_path / "plot.svg").read_text()
    assert picture.startswith("<svg")
    assert all(factor in picture for factor in report.FACTORS)
