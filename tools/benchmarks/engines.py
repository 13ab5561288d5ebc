"""``python -m tools.benchmarks.engines``: the same models on DuckDB, on Spark in one process, and on a cluster: time and memory.

For each size an archive is generated, written as a folder of Parquet files, and built by each engine (seeds and models; no
tests) in a process of its own. Needs the extra `spark`.
"""

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from runner.build import dbt
from runner.settings import PROJECT
from tools.benchmarks import process
from tools.benchmarks.__main__ import record
from tools.benchmarks.cluster import cluster
from tools.benchmarks.measures import Measurement

ENGINES = {"duckdb": "DuckDB", "local": "Spark, one process", "cluster": "Spark, a master and two workers"}
CONFIGURATION = PROJECT / "runner" / "spark"
MODELS = ("--select", "resource_type:seed", "resource_type:model", "--indirect-selection", "empty")


def as_folder(database: Path, folder: Path) -> None:
    """Write the archives of a DuckDB file as a folder: of each table one file, which bears the name of the last load."""
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where schema_name like 'raw_%'"
            " and table_name in ('observations', 'rejects', 'windows')"
        ).fetchall()
        for schema in {schema for schema, _ in tables}:
            marks = folder / schema / "_dlt_loads"
            marks.mkdir(parents=True)
            connection.execute(
                f"copy (select load_id, status from {schema}._dlt_loads) to '{marks}/all.jsonl' (format json)"
            )
        for schema, table in tables:
            (last_load,) = connection.execute(
                f"select max(load_id) from {schema}._dlt_loads where status = 0"
            ).fetchone()
            (folder / schema / table).mkdir()
            connection.execute(
                f"copy {schema}.{table} to '{folder}/{schema}/{table}/{last_load}.all.parquet'"
            )


def build(target: str, groups: Collection[int]) -> None:
    """Build every seed and model in this process; report what Spark's processes took, of which ``groups`` are the workers'."""
    result = dbt(Path(os.environ["INSIDER_FILINGS_DB"]), "--quiet", "build", *MODELS, target=target)
    if not result.success:
        sys.exit(f"the build failed: {result.exception}")
    if target == "spark":
        # No process waits for Spark's, so none has an account of them: they are asked while they live.
        process.report(**_taken_by_spark(groups))


def _taken_by_spark(groups: Collection[int]) -> dict[str, dict[str, float]]:
    """CPU seconds, and the most memory in MB of each, summed up, of the processes below this one and of the workers' groups; on Linux."""
    parents, part_of, taken = {}, {}, {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = file.read_text().rpartition(")")[2].split()
            peak = re.search(r"VmHWM:\s*(\d+)", file.with_name("status").read_text())
        except OSError:
            continue
        process_id = int(file.parent.name)
        parents[process_id] = int(words[1])
        if int(words[2]) in groups:
            part_of[process_id] = "workers"
        seconds = (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
        taken[process_id] = {"cpu_seconds": seconds, "peak_mb": int(peak[1]) / 1024 if peak else 0}
    below = {os.getpid()}
    while found := {child for child, parent in parents.items() if parent in below} - below:
        part_of |= dict.fromkeys(found, "driver")
        below |= found
    return {
        part: {
            figure: sum(
                taken[process_id][figure] for process_id, of_part in part_of.items() if of_part == part
            )
            for figure in ("cpu_seconds", "peak_mb")
        }
        for part in ("driver", "workers")
    }


def measure(engine: str, lines: int, folder: Path, scratch: Path, memory: str) -> Measurement:
    """Build the archive of so many lines in ``folder`` with an engine; what it took."""
    environment = {
        "INSIDER_ARCHIVE_URL": str(folder),
        "INSIDER_FILINGS_DB": str(scratch / "built.duckdb"),
        "INSIDER_MEMORY_LIMIT": memory,
        "DBT_TARGET_PATH": str(scratch / "target"),
        "DBT_LOG_PATH": str(scratch / "logs"),
    }
    groups: list[int] = []
    with ExitStack() as stack:
        if engine != "duckdb":
            environment |= {
                "INSIDER_SPARK_MASTER": "local[2]",
                "INSIDER_SPARK_WAREHOUSE": str(scratch / "warehouse"),
                "INSIDER_SPARK_CATALOG": "in-memory",
                "INSIDER_SPARK_MEMORY": memory,
                "SPARK_CONF_DIR": str(CONFIGURATION),
            }
        if engine == "cluster":
            started = stack.enter_context(cluster(scratch / "cluster", CONFIGURATION, memory))
            environment["INSIDER_SPARK_MASTER"] = started.master
            groups = [worker.pid for worker in started.workers]
        target = "duckdb" if engine == "duckdb" else "spark"
        run = process.run(
            "tools.benchmarks.engines",
            "--build",
            target,
            "--groups",
            *map(str, groups),
            environment=environment,
        )
    peak = {"driver": run.peak_mb + run.details.get("driver", {}).get("peak_mb", 0)}
    if groups:
        peak["workers"] = run.details["workers"]["peak_mb"]
    return Measurement(
        "engine",
        ENGINES[engine],
        {"lines": lines},
        "seconds",
        run.seconds,
        cpu_seconds=run.cpu_seconds + sum(part["cpu_seconds"] for part in run.details.values()),
        peak_mb=sum(peak.values()),
        details={"peak_mb": peak},
    )


def measure_all(sizes: Iterable[int], engines: Iterable[str], memory: str) -> Iterator[Measurement]:
    """Each size on each engine; printed as it comes."""
    for lines in sizes:
        with tempfile.TemporaryDirectory() as name:
            scratch = Path(name)
            process.run("sandbox.raw_archive", str(scratch / "raw.duckdb"), "--lines", str(lines))
            as_folder(scratch / "raw.duckdb", scratch / "archive")
            (scratch / "raw.duckdb").unlink()
            for engine in engines:
                (scratch / engine).mkdir()
                measured = measure(engine, lines, scratch / "archive", scratch / engine, memory)
                Console().print(as_table([measured]))
                yield measured


def as_table(measurements: Iterable[Measurement]) -> Table:
    """The results for the terminal."""
    table = Table()
    for heading in ("lines", "engine", "seconds", "CPU s", "peak MB"):
        table.add_column(heading, justify="left" if heading == "engine" else "right")
    for measured in measurements:
        peak = " + ".join(
            f"{megabytes:,.0f} ({where})" for where, megabytes in measured.details["peak_mb"].items()
        )
        table.add_row(
            f"{measured.size['lines']:,}",
            measured.subject,
            f"{measured.figure:,.0f}",
            f"{measured.cpu_seconds:,.0f}",
            peak,
        )
    return table


def main() -> None:
    """Write the table and the figures."""
    parser = argparse.ArgumentParser(prog="python -m tools.benchmarks.engines", description=__doc__)
    parser.add_argument("--lines", type=int, nargs="+", default=[1_000_000, 5_000_000])
    parser.add_argument("--engines", choices=ENGINES, nargs="+", default=list(ENGINES))
    parser.add_argument("--memory", default="4g", help="of DuckDB, of Spark's driver, and of each executor")
    parser.add_argument("--output", type=Path, help="where the JSON goes; else tools/benchmarks/results/")
    parser.add_argument("--build", choices=["duckdb", "spark"], help=argparse.SUPPRESS)
    parser.add_argument("--groups", type=int, nargs="*", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.build:
        build(options.build, options.groups)
        return
    measured = measure_all(options.lines, options.engines, options.memory)
    measurements, output = record("engines", measured, options.output)
    Console().print(as_table(measurements))
    print(f"results: {output}")


if __name__ == "__main__":
    main()
