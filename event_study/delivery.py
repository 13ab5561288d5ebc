"""``make study``: the models of the event study are built and tested, what they say is measured and tested, and all is published."""

import json
import os
from pathlib import Path

import duckdb
from rich.console import Console

from event_study.run import run
from loader.archive.store import sql_text
from runner.build import DATA_TESTS, checked
from runner.publish import EVENT_STUDY, SCHEMA, is_published, publish, published_marts, quoted
from runner.report import print_warnings
from runner.settings import PROJECT, Files, RunError, resolve_archive


def deliver(files: Files, console: Console, target: str = "duckdb") -> dict[str, int]:
    """Adds the marts of the study to the published database, in one step.

    They are of the same build as the marts beside them. Whatever stops it leaves the published database as it was.

    Args:
        files: The files of the run that built and published the signal.
        console: Where to say what is done.
        target: What that run built with.

    Returns:
        The row count of each mart of the study.

    Raises:
        RunError: The last build is not the one that is published, or a model or a test of the study failed.
    """
    built_in = warehouse() if target == "spark" else files.working
    if not built_in.exists() or not is_published(built_in, files.published):
        raise RunError(
            f"what is built in {built_in} is not what is published in {files.published}: run make signal first"
            " (for the demo, make demo, and name both of its files in INSIDER_FILINGS_DB and INSIDER_MARTS_DB)"
        )
    console.print("Building and testing the models of the event study.")
    built = checked(files.working, "build", "--selector", "event_study", *DATA_TESTS, target=target)
    measured = files.working
    if target == "spark":
        measured = built_in / "event_study.duckdb"
        views_of(built_in, measured)
    console.print(run(measured))
    describe(measured)
    checked(measured, "test", "--selector", "measured", *DATA_TESTS)
    row_counts = publish(measured, files.published, EVENT_STUDY, kept=published_marts(files.published))
    print_warnings(built.warnings, console)
    return row_counts


def describe(database: Path) -> None:
    """Gives the tables that Python writes their descriptions as comments, as dbt gives them to its models."""
    manifest = PROJECT / (os.environ.get("DBT_TARGET_PATH") or "target") / "manifest.json"
    with duckdb.connect(str(database)) as connection:
        for table in json.loads(manifest.read_text(encoding="utf-8"))["sources"].values():
            if table["source_name"] != "event_study":
                continue
            name = f"{SCHEMA}.{table['name']}"
            connection.execute(f"comment on table {name} is {sql_text(table['description'])}")
            for column in table["columns"].values():
                connection.execute(
                    f"comment on column {name}.{column['name']} is {sql_text(column['description'])}"
                )


def warehouse() -> Path:
    """The folder in which ``python -m runner signal --target spark`` left its tables; Spark finds them there again."""
    place = Path(os.environ.get("INSIDER_SPARK_WAREHOUSE") or PROJECT / "spark-warehouse").resolve() / "build"
    os.environ["INSIDER_SPARK_WAREHOUSE"] = str(place)
    resolve_archive()
    return place


def views_of(tables: Path, database: Path) -> None:
    """Makes ``database`` a DuckDB file that reads the tables of a Spark warehouse where they are."""
    database.unlink(missing_ok=True)
    with duckdb.connect(str(database)) as connection:
        for folder in sorted(tables.glob("*/*/*.parquet")):
            schema, table = folder.parent.parent.stem, folder.parent.name
            connection.execute(f"create schema if not exists {schema}")
            files = quoted(folder.parent / "*.parquet")
            connection.execute(
                f"create view if not exists {schema}.{table} as select * from read_parquet({files})"
            )
