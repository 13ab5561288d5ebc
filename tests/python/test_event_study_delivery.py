"""``make study`` adds its marts to a published database, or leaves that as it was."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import duckdb
import project
import pytest
import yaml
from rich.console import Console

from event_study import delivery, tables
from event_study.delivery import deliver, views_of
from runner.build import Built, dbt
from runner.publish import EVENT_STUDY, publish
from runner.settings import Files, RunError

DAILY = ["issuer_scores", "load_completeness"]


def write_daily(working: Path, score: float) -> None:
    """The marts of a build, as far as they say which build it is."""
    with duckdb.connect(str(working)) as connection:
        connection.execute("create schema if not exists marts")
        connection.execute(
            f"create or replace table marts.issuer_scores as select range as issuer, {score} as score from range(3)"
        )
        connection.execute(
            "create or replace table marts.load_completeness as select date '2026-03-31' as as_of_date"
        )


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """A build that is published."""
    files = Files(
        tmp_path / "working.duckdb", tmp_path / "published.duckdb", tmp_path / "exports", tmp_path / "logs"
    )
    write_daily(files.working, 1.5)
    publish(files.working, files.published, DAILY)
    return files


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a delivery does, in order, without dbt; the study's tables have one row each."""
    done: list[str] = []

    def checked(working: Path, command: str, *_: str, **__: str) -> Built:
        done.append(command)
        return Built([], 0, [])

    def run(working: Path) -> str:
        done.append("run")
        with duckdb.connect(str(working)) as connection:
            for name in EVENT_STUDY:
                connection.execute(f"create or replace table marts.{name} as select {len(done)} as step")
        return "measured"

    monkeypatch.setattr(delivery, "checked", checked)
    monkeypatch.setattr(delivery, "run", run)
    monkeypatch.setattr(delivery, "describe", lambda _: None)
    return done


def delivered(files: Files) -> dict[str, list[tuple]]:
    deliver(files, Console(file=StringIO()))
    return project.marts(files.published)


def test_the_study_is_added_after_its_tests(files: Files, steps: list[str]) -> None:
    before = project.marts(files.published)
    after = delivered(files)
    assert steps == ["build", "run", "test"]
    assert after == before | {name: [(2,)] for name in EVENT_STUDY}
    assert delivered(files) == before | {name: [(5,)] for name in EVENT_STUDY}


def test_a_daily_run_keeps_the_study_as_it_is_published(files: Files, steps: list[str]) -> None:
    studied = delivered(files)
    # What a later run of the study wrote, which its tests stopped.
    with duckdb.connect(str(files.working)) as connection:
        connection.execute("update marts.signal_returns set step = 99")
    write_daily(files.working, 2.5)
    assert publish(files.working, files.published, DAILY) == {"issuer_scores": 3, "load_completeness": 1}
    found = project.marts(files.published)
    assert {name: found[name] for name in EVENT_STUDY} == {name: studied[name] for name in EVENT_STUDY}
    assert found["issuer_scores"] != studied["issuer_scores"]


def test_a_reader_who_may_write_stops_no_daily_run(files: Files, steps: list[str]) -> None:
    delivered(files)
    with project.opened_elsewhere(files.published):
        publish(files.working, files.published, DAILY)
    assert set(project.marts(files.published)) == {*DAILY, *EVENT_STUDY}
    assert {path.name for path in files.working.parent.iterdir()} == {"working.duckdb", "published.duckdb"}


def test_another_build_than_the_published_one_is_refused(files: Files, steps: list[str]) -> None:
    published = files.published.read_bytes()
    write_daily(files.working, 2.5)
    with pytest.raises(RunError, match="run make signal first"):
        delivered(files)
    assert steps == [] and files.published.read_bytes() == published
    files.published.unlink()
    with pytest.raises(RunError, match="run make signal first"):
        delivered(files)


def test_a_failed_test_publishes_nothing(files: Files, steps: list[str], monkeypatch) -> None:
    published = files.published.read_bytes()

    def checked(working: Path, command: str, *_: str, **__: str) -> Built:
        if command == "test":
            raise RunError("1 of 20 models and tests failed")
        return Built([], 0, [])

    monkeypatch.setattr(delivery, "checked", checked)
    with pytest.raises(RunError, match="failed"):
        delivered(files)
    assert steps == ["run"] and files.published.read_bytes() == published


def test_a_warehouse_of_files_is_read_as_a_database(files: Files, tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse"
    with duckdb.connect(str(files.working), read_only=True) as connection:
        for name in DAILY:
            (warehouse / "marts.db" / name).mkdir(parents=True)
            for part in range(2):  # Spark writes several files
                connection.execute(
                    f"copy (select * from marts.{name} limit 1 offset {part}) to '{warehouse}/marts.db/{name}/{part}.parquet'"
                )
    views_of(warehouse, tmp_path / "views.duckdb")
    with duckdb.connect(str(tmp_path / "views.duckdb"), read_only=True) as connection:
        assert connection.execute("select count(*) from marts.issuer_scores").fetchone() == (2,)
        assert connection.execute("select count(*) from marts.load_completeness").fetchone() == (1,)


def test_the_studys_marts_are_named_once(tmp_path: Path) -> None:
    models = {path.stem for path in (project.PROJECT / "models" / "marts" / "event_study").glob("*.sql")}
    assert set(EVENT_STUDY) == models | tables.TABLES.keys()
    selectors = yaml.safe_load((project.PROJECT / "selectors.yml").read_text(encoding="utf-8"))["selectors"]
    assert [selector["name"] for selector in selectors if selector.get("default")] == ["by_dbt_alone"]


def test_every_table_and_column_of_the_study_has_its_description(tmp_path: Path) -> None:
    dbt(tmp_path / "parsed.duckdb", "--quiet", "parse")
    database = tmp_path / "measured.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema marts")
        for name, columns in tables.TABLES.items():
            typed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
            connection.execute(f"create table marts.{name} ({typed})")
    delivery.describe(database)
    with duckdb.connect(str(database), read_only=True) as connection:
        described = connection.execute(
            "select table_name, comment from duckdb_tables() where schema_name = 'marts'"
        ).fetchall()
        columns = connection.execute(
            "select column_name, comment from duckdb_columns() where schema_name = 'marts'"
        ).fetchall()
    assert {name for name, _ in described} == set(tables.TABLES) and len(columns) > 100
    assert [name for name, comment in described + columns if not comment] == []
    assert dict(described)["signal_returns"].startswith("One row per event and horizon")
