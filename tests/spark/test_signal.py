"""The daily command on Spark as a user types it on two days: processes of their own, and Spark's own list of tables."""

import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import duckdb
import engines
import project
from equality import differences
from test_runner import Folder

import sandbox
from runner.build import dbt
from runner.publish import EVENT_STUDY

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
    study = [sys.executable, "-m", "event_study", "run", "--target", "spark"]
    done = subprocess.run(study, cwd=project.PROJECT, env=folder.environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    with patch.dict(os.environ, folder.environment):
        assert dbt(tmp_path / "built.duckdb", "--quiet", "build", *engines.MODELS).success
    warehouse = tmp_path / "warehouse" / "build"
    assert differences(tmp_path / "built.duckdb", warehouse) == {}
    published = project.marts(folder.published)
    in_warehouse = {mart.name for mart in (warehouse / "marts.db").iterdir()}
    assert set(published) == in_warehouse | set(EVENT_STUDY)
    for mart in in_warehouse:
        rows = published[mart]
        built = duckdb.sql(f"from read_parquet('{warehouse}/marts.db/{mart}/*.parquet') order by all")
        assert rows == built.fetchall()
