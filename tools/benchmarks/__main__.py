"""``python -m tools.benchmarks``: run the measures, print them as a table and write them as JSON."""

import argparse
import json
import os
import platform
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from sandbox.raw_archive import LINES_PER_FILING
from tools.benchmarks.measures import GROWTH, MEASURES, REFERENCE_FILINGS, Measurement, Options

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("duckdb", "dbt-core", "dbt-duckdb", "dlt", "pandas", "pyspark")


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "python": platform.python_version(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "load_average": os.getloadavg()[0],
        **{package: version(package) for package in PACKAGES if _is_installed(package)},
    }


def _is_installed(package: str) -> bool:
    try:
        return bool(version(package))
    except PackageNotFoundError:
        return False


def record(name: str, measured: Iterable[Measurement], output: Path | None) -> tuple[list[Measurement], Path]:
    """Take the measurements and write them down: as JSON to ``output``, or to a file of this name in tools/benchmarks/results/."""
    started = datetime.now(UTC)
    result = {"started_at": started, "machine": machine(), "measurements": []}
    output = output or RESULTS / f"{name}-{started:%Y%m%dT%H%M%S}.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    measurements = []
    for measurement in measured:
        measurements.append(measurement)
        result["measurements"].append(measurement.as_json())
        # As far as it got: a long run that is stopped is not lost.
        output.write_text(json.dumps(result, indent=1, default=str) + "\n", encoding="utf-8")
    return measurements, output


def as_table(measurements: list[Measurement]) -> Table:
    """The measurements for the terminal."""
    table = Table()
    for heading, justify in (
        ("measure", "left"), ("what", "left"), ("filings", "right"), ("figure", "right"), ("against", "left"),
        ("baseline", "right"), ("ratio", "right"), ("target", "right"), ("CPU s", "right"), ("peak MB", "right"),
    ):  # fmt: skip
        table.add_column(heading, justify=justify)
    for measured in measurements:
        target = "" if measured.limit is None else f"{'≥' if measured.at_least else '≤'} {measured.limit:g}"
        if measured.is_reached is False:
            target += " missed"
        table.add_row(
            measured.measure, measured.subject, f"{measured.size['filings']:,}", f"{measured.figure:,.2f} {measured.unit}",
            measured.baseline or "", _number(measured.baseline_figure), _number(measured.ratio), target,
            _number(measured.cpu_seconds), _number(measured.peak_mb),
        )  # fmt: skip
    return table


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.2f}" if value < 100 else f"{value:,.0f}"


def main(arguments: list[str] | None = None) -> Path:
    """Command line; where the results are."""
    parser = argparse.ArgumentParser(prog="python -m tools.benchmarks", description=__doc__)
    parser.add_argument("--filings", type=int, help="how many; unset, as suits the lines, or 162,000")
    parser.add_argument("--lines", type=int, help="about how many; unset, 1.6 a filing")
    parser.add_argument(
        "--only", nargs="+", choices=tuple(MEASURES), default=list(MEASURES), metavar="MEASURE"
    )
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--article-days", type=int, default=8, help="days on which the article's script is run"
    )
    parser.add_argument("--growth", type=int, nargs=4, default=GROWTH, metavar="FILINGS")
    parser.add_argument("--memory-limit", help="DuckDB's memory_limit for dbt, such as 4GB")
    parser.add_argument(
        "--archive",
        type=Path,
        help="what `python -m sandbox.raw_archive` wrote of this size, for build alone",
    )
    parser.add_argument("--output", type=Path, help="where the JSON goes; else tools/benchmarks/results/")
    parser.add_argument("--scratch", type=Path, help="where the databases go; else a temporary folder")
    options = parser.parse_args(arguments)
    filings = options.filings or (
        round(options.lines / LINES_PER_FILING) if options.lines else REFERENCE_FILINGS
    )
    if options.archive and options.only != ["build"]:
        parser.error("--archive is for --only build")
    if options.scratch:
        options.scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="benchmarks-", dir=options.scratch) as scratch:
        settings = Options(
            Path(scratch), filings, options.lines, options.runs, options.article_days,
            tuple(options.growth), options.memory_limit, options.archive,
        )  # fmt: skip
        measured = (measurement for name in options.only for measurement in MEASURES[name](settings))
        measurements, output = record(f"{'-'.join(options.only)}-{filings}", measured, options.output)
    Console(width=None if os.isatty(1) else 200).print(as_table(measurements))
    print(f"results: {output}")
    return output


if __name__ == "__main__":
    main()
