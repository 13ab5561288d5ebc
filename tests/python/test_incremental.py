"""What is kept from run to run changes no mart: after every step a build that goes on equals one from nothing.

INCREMENTAL_STEPS=40 makes the sequence longer than in CI.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import generated
import project
import pytest
from test_properties import assert_same_marts, by_walk, marts

import runner.build

STEPS = int(os.environ.get("INCREMENTAL_STEPS", "3"))


def models(database: Path, variables: dict[str, Any], *arguments: str) -> None:
    """Runs every model, as the command would that goes on; with ``--full-refresh`` from nothing."""
    result = runner.build.dbt(
        database, "--quiet", "run", "--exclude", "resource_type:seed", *arguments, variables=variables
    )
    assert result.success, [item.message for item in result.result or [] if str(item.status) != "success"]


def assert_goes_on_as_from_nothing(
    database: Path, variables: dict[str, Any], tmp_path: Path
) -> dict[str, Counter]:
    models(database, variables)
    found = marts(database)
    anew = project.copy_of(database, tmp_path / "anew.duckdb")
    models(anew, variables, "--full-refresh")
    assert_same_marts(found, marts(anew))
    return found


def test_going_on_equals_starting_anew_after_every_step(database: Path, tmp_path: Path) -> None:
    """Walks come in any order over several loads, amendments before originals; days and variables go back and forth."""
    random = Random(STEPS)
    archive = generated.combined(generated.sample_archives(25))
    loads: list[list[generated.Observation]] = [[] for _ in range(STEPS)]
    walks = by_walk(archive.observations)
    random.shuffle(walks)
    for number, walk in enumerate(walks):
        loads[number % STEPS].extend(walk)
    generated.write_archive(database, loads, archive.rates)
    with duckdb.connect(str(database)) as connection:
        connection.execute("create table marks as from raw_filings_api._dlt_loads")
        connection.execute("delete from raw_filings_api._dlt_loads")

    found = []
    marks = list(range(STEPS))
    random.shuffle(marks)
    for step, mark in enumerate(marks):
        with duckdb.connect(str(database)) as connection:
            connection.execute(
                "insert into raw_filings_api._dlt_loads select * from marks where load_id like ?",
                [f"{1772600000 + mark}.%"],
            )
        variables = {
            "as_of_date": random.choice(["2026-03-08", "2026-03-20", "2026-04-20"]),
            "role_map_version": random.choice([1, 2, 3]),
            "base_currency": random.choice(["EUR", "USD"]),
            "availability_clock": random.choice(["updated", "observed"]),
        }
        if step == STEPS - 1:
            variables["as_of_date"] = "2026-04-20"
        found.append(assert_goes_on_as_from_nothing(database, variables, tmp_path))
    counts = [of_step["insider_transaction_versions"].total() for of_step in found]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]
    assert found[-1]["issuer_scores"].total() > 100


def fingerprints(database: Path) -> dict[str, str]:
    """With what each kept table was built: the comment that is written with its rows."""
    query = (
        "select table_name, comment from duckdb_tables() where comment is not null and schema_name <> 'seeds'"
    )
    return {row["table_name"]: row["comment"] for row in project.rows(database, query)}


@pytest.fixture
def changeable_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the dbt project whose files a test may change, in the place of the project."""
    copy = project.copy_of_project(tmp_path / "project")
    monkeypatch.setattr(runner.build, "PROJECT", copy)
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path / "target"))
    return copy


def replace_in(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.nightly
def test_a_changed_seed_or_macro_rebuilds_what_comes_from_it_and_nothing_else(
    changeable_project: Path, database: Path, tmp_path: Path
) -> None:
    archive = generated.combined(generated.sample_archives(10))
    generated.write_archive(database, [archive.observations], archive.rates)
    variables = {"as_of_date": "2026-04-20"}
    models(database, variables)
    first, before = marts(database), fingerprints(database)
    assert len(before) > 10
    models(database, variables | {"base_currency": "USD"})
    assert fingerprints(database) == before

    # Filings of a date alone are known some hours earlier.
    replace_in(changeable_project / "seeds" / "markets.csv", "22:00:00", "01:00:00")
    # Not loaded yet: nothing may be taken for made from it.
    models(database, variables)
    assert fingerprints(database) == before
    assert runner.build.dbt(database, "--quiet", "seed").success
    second = assert_goes_on_as_from_nothing(database, variables, tmp_path)
    assert second["insider_transaction_versions"] != first["insider_transaction_versions"]
    changed = {name for name, fingerprint in fingerprints(database).items() if fingerprint != before[name]}
    assert changed >= {"stg_filings_api__records", "stg_filings_api__meanings", "int_business_days"}
    assert not changed & {"stg_filings_api__payloads", "stg_filings_api__lines", "int_days"}

    # Lines are read with this macro, payloads are not.
    before = fingerprints(database)
    boolean = changeable_project / "macros" / "parsing" / "parse.sql"
    replace_in(boolean, "('false', '0', 'no', 'n')", "('false', 'no', 'n')")
    assert_goes_on_as_from_nothing(database, variables, tmp_path)
    changed = {name for name, fingerprint in fingerprints(database).items() if fingerprint != before[name]}
    assert changed >= {"stg_filings_api__lines", "stg_filings_api__owners"}
    assert not changed & {"stg_filings_api__payloads", "int_days", "int_sessions"}

    # The calendars end at a variable; no filing has one.
    before = fingerprints(database)
    assert_goes_on_as_from_nothing(database, variables | {"calendar_end_date": "2034-12-31"}, tmp_path)
    changed = {name for name, fingerprint in fingerprints(database).items() if fingerprint != before[name]}
    assert changed >= {"int_days", "int_business_days"}
    assert not changed & {"stg_filings_api__payloads", "stg_filings_api__lines"}


def test_what_is_kept_reads_nothing_that_may_change_without_a_trace(
    changeable_project: Path, database: Path
) -> None:
    footnotes = changeable_project / "models" / "staging" / "sec_edgar" / "stg_sec_edgar__line_footnotes.sql"
    replace_in(footnotes, "materialized='ephemeral'", "materialized='view'")
    selection = ("--select", "+stg_sec_edgar__lines", "--exclude", "resource_type:seed")
    result = runner.build.dbt(database, "--quiet", "run", *selection)
    (message,) = [item.message for item in result.result if str(item.status) == "error"]
    assert (
        "stg_sec_edgar__lines is kept (macros/incremental.sql) and reads stg_sec_edgar__line_footnotes, a view"
        in message
    )


def test_the_daily_build_leaves_seeds_and_calendars_out_until_one_of_them_changes(
    changeable_project: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dbt = runner.build.dbt
    built: list[set[str]] = []

    def dbt_of_them_alone(working: Path, *arguments: str, **options: Any) -> Any:
        result = dbt(working, *arguments, "--select", *project.UNCHANGING, **options)
        built.append({item.node.name for item in result.result if item.node.resource_type != "test"})
        return result

    monkeypatch.setattr(runner.build, "dbt", dbt_of_them_alone)

    def built_by(variables: dict[str, Any] | None = None, full: bool = False) -> set[str]:
        runner.build.build(database, variables, full)
        return built[-1]

    everything = built_by()
    assert everything >= {"markets", "role_map", "int_days", "int_sessions"}
    assert built_by({"as_of_date": "2026-03-31"}) == set()

    replace_in(changeable_project / "seeds" / "markets.csv", "22:00:00", "01:00:00")
    assert built_by() == everything
    assert project.rows(database, "select * from seeds.markets where cut_off = '01:00:00'")
    assert built_by() == set()

    # Somebody else builds one of them: who knows from what?
    assert dbt(database, "--quiet", "run", "--select", "int_days").success
    assert built_by() == everything

    assert built_by({"calendar_end_date": "2034-12-31"}) == everything
    assert built_by({"calendar_end_date": "2034-12-31"}, full=True) == everything
