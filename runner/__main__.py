"""``python -m runner signal``: load from the configured sources, build with tests, publish, export, print."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console

import loader
import sandbox
import sandbox.prices
from loader.config import is_set
from runner.build import build, dbt
from runner.export import export
from runner.publish import publish
from runner.report import print_places, print_ranking, print_warnings
from runner.settings import PROJECT, Files, RunError

DEMO_FILINGS = 4000
# The setting that says that a filing source is wanted.
WANTED_BY = {"filings_api": "base_url", "sec_edgar": "user_agent"}


def configured_sources() -> list[str]:
    """The filing sources that the settings want (without any, the first: it says what is missing), the rates, and prices if wanted."""
    wanted = [source for source, key in WANTED_BY.items() if is_set(source, key)]
    prices = ["prices"] if is_set("prices", "path") else []
    return [*(wanted or list(WANTED_BY)[:1]), "ecb_rates", *prices]


def load(files: Files, sources: Sequence[str]) -> None:
    """Loads the sources into the working database."""
    files.working.parent.mkdir(parents=True, exist_ok=True)
    os.environ["INSIDER_FILINGS_DB"] = str(files.working)
    for source in sources:
        print(loader.load(source), flush=True)


def warehouse() -> Path:
    """The folder of Spark's tables; it and the archive must be places that all machines of the cluster and this one see."""
    if not os.environ.get("INSIDER_ARCHIVE_URL"):
        raise RunError("Spark reads the archive from a folder: name one in INSIDER_ARCHIVE_URL")
    place = Path(os.environ.get("INSIDER_SPARK_WAREHOUSE") or PROJECT / "spark-warehouse").resolve()
    os.environ["INSIDER_SPARK_WAREHOUSE"] = str(place)
    return place


def deliver(
    files: Files,
    as_of_date: date | None = None,
    with_documentation: bool = False,
    full: bool = False,
    target: str = "duckdb",
) -> None:
    """Builds, publishes, exports and prints; whatever stops it leaves the published database as it was."""
    built = warehouse() if target == "spark" else files.working
    console = Console(width=None if sys.stdout.isatty() else 160)
    variables: dict[str, Any] = {"as_of_date": as_of_date.isoformat()} if as_of_date else {}
    console.print("Building and testing the marts; this takes a while.")
    warnings = build(files.working, variables, full, target)
    if target == "duckdb":
        console.print(study(files.working))
    row_counts = publish(built, files.published)
    export(files.published, files.exports, row_counts, variables)
    places = {
        "published database": files.published,
        "signal": files.exports / "daily_insider_signal.csv",
        "manifest": files.exports / "manifest.json",
    }
    if with_documentation:
        places["documentation"] = document(files)
    print_ranking(files.published, console)
    print_warnings(warnings, console)
    print_places(places, console)


def study(working: Path) -> str:
    """Writes the verdict's tables beside the marts: without prices they are empty."""
    # Statistics take a second to import: not before a load that may say what is wrong at once.
    from study.run import run

    try:
        return run(working)
    except duckdb.Error as error:
        raise RunError(f"the event study could not be computed, so nothing was published: {error}") from error


def document(files: Files) -> Path:
    """Writes the dbt documentation as one file."""
    if not dbt(files.working, "--quiet", "docs", "generate", "--static").success:
        raise RunError("the documentation could not be written; see the messages above")
    return PROJECT / "target" / "static_index.html"


def demo() -> None:
    """The whole path on the sandbox's synthetic filings, in files of its own: it never mixes them with yours."""
    # Not where the environment says: those files may hold the filings of a real feed.
    files = Files.in_folder(PROJECT / "demo", environment={})
    os.environ["DLT_DATA_DIR"] = str(PROJECT / "demo" / ".dlt_data")
    # The sandbox's archive ends here; with the machine's own day the result would change every day.
    os.environ["INSIDER_FILINGS_NOW"] = "2026-04-01T13:00:00Z"
    os.environ["SOURCES__FILINGS_API__START_DATE"] = "2025-01-01"
    os.environ["SOURCES__FILINGS_API__API_KEY"] = "demo"
    with sandbox.serve(scenario="realistic", filings=DEMO_FILINGS, api_key="demo", with_total=True) as api:
        os.environ["SOURCES__FILINGS_API__BASE_URL"] = api.url
        os.environ["SOURCES__PRICES__PATH"] = str(PROJECT / "demo" / "prices")
        sandbox.prices.write(PROJECT / "demo" / "prices", sandbox.generate("realistic", filings=DEMO_FILINGS))
        load(files, ["ecb_rates", "filings_api", "prices"])
    deliver(files, with_documentation=True)


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 done, 1 stopped with the reason on stderr."""
    parser = argparse.ArgumentParser(prog="python -m runner", description=__doc__)
    parser.add_argument("command", choices=["signal", "demo", "docs"])
    parser.add_argument(
        "--as-of", type=date.fromisoformat, default=os.environ.get("AS_OF") or None, metavar="YYYY-MM-DD"
    )
    parser.add_argument(
        "--full",
        action="store_true",
        help="build and test seeds and calendars again, too: what a nightly run does",
    )
    parser.add_argument(
        "--target", choices=["duckdb", "spark"], default="duckdb", help="what signal builds with"
    )
    options = parser.parse_args(arguments)
    files = Files.in_folder(PROJECT)
    try:
        if options.command == "demo":
            demo()
        elif options.command == "docs":
            print(document(files))
        else:
            if options.target == "spark":
                # Before hours of loading: is it said where to?
                warehouse()
            load(files, configured_sources())
            deliver(files, options.as_of, full=options.full, target=options.target)
    # The last two: a folder that cannot be written, a disk that is full.
    except (RunError, loader.LoadError, OSError, duckdb.IOException) as error:
        print(f"stopped: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
