"""``python -m event_study run | show | calibration``."""

import argparse
import sys
from pathlib import Path

import duckdb
from rich.console import Console

from event_study.calibration import SEEDS, calibrate
from event_study.report import print_calibration, print_study
from event_study.run import run
from runner.settings import PROJECT, Files, RunError


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 done, 1 stopped with the reason on stderr, or a calibration out of its bounds."""
    parser = argparse.ArgumentParser(prog="python -m event_study", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, does in (
        ("run", "write the result tables into the working database"),
        ("show", "print the verdict"),
    ):
        command = commands.add_parser(name, help=does)
        command.add_argument("--database", type=Path, help="the working database; as the environment says")
    command = commands.add_parser(
        "calibration", help="hold the estimators against markets whose truth is known"
    )
    command.add_argument("--seeds", type=int, default=SEEDS)
    options = parser.parse_args(arguments)
    console = Console(width=None if sys.stdout.isatty() else 160)
    if options.command == "calibration":
        return 0 if print_calibration(calibrate(options.seeds), options.seeds, console) else 1
    try:
        database = options.database or Files.in_folder(PROJECT).working
        if not database.exists():
            raise RunError(
                f"nothing is built yet in {database}: run make signal, or name the demo's database with "
                "INSIDER_FILINGS_DB=demo/insider_filings.duckdb"
            )
        if options.command == "run":
            print(run(database))
        else:
            print_study(database, console)
    except (duckdb.Error, RunError) as error:
        print(f"stopped: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
