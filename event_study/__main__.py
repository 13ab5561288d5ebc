"""``python -m event_study run | show | draw | calibration``."""

import argparse
import sys
from pathlib import Path

import duckdb
from rich.console import Console

from event_study.calibration import SEEDS, calibrate
from event_study.delivery import deliver
from event_study.report import print_calibration, print_study
from loader.run_log import RunLog
from runner.settings import PROJECT, Files, RunError


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 done, 1 stopped with the reason on stderr, or a calibration out of its bounds."""
    parser = argparse.ArgumentParser(prog="python -m event_study", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser(
        "run", help="build the models of the study, measure, and publish beside the other marts"
    )
    command.add_argument(
        "--target", choices=["duckdb", "spark"], default="duckdb", help="what `make signal` built with"
    )
    command = commands.add_parser("show", help="print the verdict that was published")
    command.add_argument("--database", type=Path, help="a published database; as the environment says")
    command = commands.add_parser("draw", help="write what was published as a page with pictures, and as SVG")
    command.add_argument("--database", type=Path, help="a published database; as the environment says")
    command.add_argument(
        "--to", type=Path, metavar="FOLDER", help="where to write; the folder of the exports"
    )
    command = commands.add_parser(
        "calibration", help="hold the estimators against markets whose truth is known"
    )
    command.add_argument("--seeds", type=int, default=SEEDS)
    options = parser.parse_args(arguments)
    console = Console(width=None if sys.stdout.isatty() else 160, emoji=False)
    if options.command == "calibration":
        return 0 if print_calibration(calibrate(options.seeds), options.seeds, console) else 1
    try:
        files = Files.in_folder(PROJECT)
        if options.command == "run":
            with RunLog(files.logs, "study").step("study") as line:
                row_counts = deliver(files, console, options.target)
                line["counts"] = {"marts": len(row_counts), "rows": sum(row_counts.values())}
        elif options.command == "draw":
            _draw(options.database or files.published, options.to or files.exports, console)
        else:
            print_study(options.database or files.published, console)
    except (duckdb.Error, OSError, RunError) as error:
        print(f"stopped: {error}", file=sys.stderr)
        return 1
    return 0


def _draw(database: Path, folder: Path, console: Console) -> None:
    # The libraries of the pictures take a second to import.
    from event_study.plots import draw

    page = draw(database, folder)
    if page is None:
        console.print("No pictures: no study with prices is published.")
    else:
        console.print(f"pictures: {page.as_uri()}, and as SVG in {folder / 'study'}", soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
