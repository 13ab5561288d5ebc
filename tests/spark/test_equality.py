"""DuckDB and Spark give the same marts, row by row, on both days of each archive: on this machine, and on a cluster that loses a worker.

Takes long; `make test-spark` runs it. All data tests run on both engines in the local builds, on the cluster those of our invariants.
"""

from __future__ import annotations

from collections.abc import Callable

import engines
import pytest
from engines import Stage
from equality import differences
from sec_filings import needs_real_filings

from tools.benchmarks.cluster import cluster

EVERYTHING = ["--exclude-resource-type", "unit_test"]
SCENARIOS: dict[str, Callable] = {
    "demo": lambda folder: engines.feed_stages(folder, "realistic", 4000, "2025-01-01", EVERYTHING),
    "adversarial": lambda folder: engines.feed_stages(folder, "adversarial", 600, "2025-06-01", EVERYTHING),
    "sec": lambda folder: engines.sec_stages(folder, EVERYTHING),
}
# A model in the middle of the build, between those that the killed worker has made and those that need them.
KILLED_IN = "intermediate.int_transaction_versions"
MODELS_AFTER_IT = 30


@pytest.fixture(scope="module", params=["demo", "adversarial", pytest.param("sec", marks=needs_real_filings)])
def stages(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Stage]:
    """The archive of a scenario on two days, and what DuckDB makes of it."""
    return SCENARIOS[request.param](tmp_path_factory.mktemp(request.param))


def test_on_this_machine(stages, tmp_path):
    marts = engines.spark_builds(tmp_path, stages, EVERYTHING)
    for stage, warehouse in zip(stages, marts, strict=True):
        assert differences(stage.database, warehouse) == {}


def test_on_a_cluster_that_loses_a_worker(stages, tmp_path):
    with cluster(tmp_path / "cluster", engines.CONFIGURATION) as started:
        killing = engines.KilledOnce(started, KILLED_IN)
        marts = engines.spark_builds(
            tmp_path,
            stages,
            engines.MODELS,
            master=started.master,
            settings={"INSIDER_SPARK_MEMORY": "1g"},
            watch=killing,
        )
        assert killing.had_executor, "no worker that had work was killed"
        assert started.workers[1].poll() is None
    # The model in which it was killed ended after that, as did those that need it.
    assert any(f" {KILLED_IN} " in line for line in killing.finished_after)
    assert len(killing.finished_after) > MODELS_AFTER_IT
    for stage, warehouse in zip(stages, marts, strict=True):
        assert differences(stage.database, warehouse) == {}


def test_a_difference_is_noticed(tmp_path):
    """A mart with one value changed, one row less, another type: each is told."""
    import duckdb

    database = tmp_path / "built.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema marts")
        for mart, changed in {
            "same": "id, value",
            "near": "id, value * (1 + 1e-12) as value",
            "far": "id, value * (1 + 1e-8) as value",
            "another": "id + case when id = 2 then 1 else 0 end as id, value",
            "typed": "cast(id as bigint) as id, value",
        }.items():
            connection.execute(
                f"create table marts.{mart} as select range::integer as id, range / 3 as value from range(3)"
            )
            folder = tmp_path / "marts.db" / mart
            folder.mkdir(parents=True)
            connection.execute(f"copy (select {changed} from marts.{mart}) to '{folder}/part.parquet'")
        connection.execute("create table marts.shorter as from marts.same")
        (tmp_path / "marts.db" / "shorter").mkdir()
        connection.execute(f"copy (from marts.same limit 2) to '{tmp_path}/marts.db/shorter/part.parquet'")
    assert set(differences(database, tmp_path)) == {"far", "another", "typed", "shorter"}
