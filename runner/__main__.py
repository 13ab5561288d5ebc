"""``python -m runner signal``: load from the configured sources, build with tests, publish, export, print."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console

import loader
from runner.build import build, dbt
from runner.export import export
from runner.publish import publish
from runner.report import print_places, print_ranking, print_warnings
from runner.settings import PROJECT, Files, RunError

DEMO_FILINGS = 4000


def run(files: Files, as_of_date: date | None, load_sources: Sequence[str]) -> None:
    """One run from load to print; whatever stops it leaves the published database as it was."""
    console = Console(width=None if sys.stdout.isatty() else 160)
    os.environ["INSIDER_FILINGS_DB"] = str(files.working)
    files.working.parent.mkdir(parents=True, exist_ok=True)
    for source in load_sources:
        console.print(str(loader.load(source)), soft_wrap=True)
    variables: dict[str, Any] = {"as_of_date": as_of_date.isoformat()} if as_of_date else {}
    warnings = build(files.working, variables)
    row_counts = publish(files.working, files.published)
    export(files.published, files.exports, row_counts, variables)
    print_ranking(files.published, console)
    print_warnings(warnings, console)
    places = {
        "published database": files.published,
        "signal": files.exports / "daily_insider_signal.csv",
        "manifest": files.exports / "manifest.json",
    }
    documentation = PROJECT / "target" / "static_index.html"
    if documentation.exists():
        places["documentation"] = documentation
    print_places(places, console)


def demo() -> None:
    """The whole path on the sandbox's synthetic filings, in files of its own: it never mixes them with yours."""
    from sandbox import serve

    files = Files.in_folder(PROJECT / "demo")
    os.environ.setdefault("DLT_DATA_DIR", str(PROJECT / "demo" / ".dlt_data"))
    os.environ["SOURCES__FILINGS_API__START_DATE"] = "2025-01-01"
    # The sandbox's last day; with the machine's own day the result would change every day.
    os.environ["INSIDER_FILINGS_NOW"] = "2026-04-01T13:00:00Z"
    with serve(scenario="realistic", filings=DEMO_FILINGS, api_key="demo", with_total=True) as api:
        os.environ["SOURCES__FILINGS_API__BASE_URL"] = api.url
        os.environ["SOURCES__FILINGS_API__API_KEY"] = "demo"
        for source in ("ecb_rates", "filings_api"):
            print(loader.load(source))
    docs(files)
    run(files, None, [])


def docs(files: Files) -> Path:
    """Writes the dbt documentation as one file."""
    if not dbt(files.working, "--quiet", "docs", "generate", "--static").success:
        raise RunError("the documentation could not be written; see the messages above")
    return PROJECT / "target" / "static_index.html"


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 done, 1 stopped with the reason on stderr."""
    parser = argparse.ArgumentParser(prog="python -m runner", description=__doc__)
    parser.add_argument("command", choices=["signal", "demo", "docs"])
    parser.add_argument(
        "--as-of", type=date.fromisoformat, default=os.environ.get("AS_OF") or None, metavar="YYYY-MM-DD"
    )
    options = parser.parse_args(arguments)
    files = Files.in_folder(PROJECT)
    try:
        if options.command == "demo":
            demo()
        elif options.command == "docs":
            print(docs(files))
        else:
            run(files, options.as_of, ["ecb_rates", "filings_api"])
    except (RunError, loader.LoadError) as error:
        print(f"stopped: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
