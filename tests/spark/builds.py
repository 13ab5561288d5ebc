"""Builds with target ``spark``, one after another in this process: ``python builds.py PLAN``, a JSON text (see `engines.Builds`)."""

import json
import os
import shutil
import sys
from pathlib import Path

from event_study.tables import INPUTS
from runner.build import dbt

plan = json.loads(sys.argv[1])
for archive, kept in plan["builds"]:
    os.environ["INSIDER_ARCHIVE_URL"] = archive
    result = dbt(Path("no.duckdb"), *plan["arguments"], target="spark")
    if not result.success:
        sys.exit(f"a build on Spark failed: {result.exception}")
    warehouse = Path(os.environ["INSIDER_SPARK_WAREHOUSE"])
    shutil.copytree(warehouse / "marts.db", Path(kept, "marts.db"))
    for table in INPUTS:
        shutil.copytree(warehouse / "intermediate.db" / table, Path(kept, "intermediate.db", table))
