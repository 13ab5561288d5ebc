"""The daily command on Spark as a user types it on two days: processes of their own, and Spark's own list of tables."""

import os
from pathlib import Path
from unittest.mock import patch

import duckdb
import engines
import project
from equality import differences
from test_runner import Folder

import sandbox
from runner.build import dbt

DAYS = {"2026-03-30": "2026-03-31T13:00:00Z", "2026-03-31": "2026-04-01T13:00:00Z"}


def test_the_second_day_goes_on_from_the_first(tmp_path: Path) -> None:
    settings = project.spark_settings(tmp_path)
    # As a user has it: the list of tables outlives the process.
    del settings["INSIDER_SPARK_CATALOG"]
    with sandbox.serve(filings=150, start_date="2026-01-01") as api:
        folder = Folder.on(api, tmp_path / "run", **settings)
        for day, now in DAYS.items():
            api.control(now=now)
            done = folder.run("signal", "--target", "spark", INSIDER_FILINGS_NOW=now)
            assert done.returncode == 0, done.stderr
            assert f"Insider buying as of {day}" in done.stdout
    with patch.dict(os.environ, folder.environment):
        assert dbt(tmp_path / "built.duckdb", "--quiet", "build", *engines.MODELS).success
    warehouse = tmp_path / "warehouse" / "build"
    assert differences(tmp_path / "built.duckdb", warehouse) == {}
    published = project.marts(folder.published)
    assert set(published) == {mart.name for mart in (warehouse / "marts.db").iterdir()}
    for mart, rows in published.items():
        built = duckdb.sql(f"from read_parquet('{warehouse}/marts.db/{mart}/*.parquet') order by all")
        assert rows == built.fetchall()
