"""``python -m brief``: writes the analyst's page of a published database, of its own day or a past one."""

import argparse
import os
import sys
from pathlib import Path

import duckdb

from brief.page import write
from loader import clock
from loader.errors import DISK_ERRORS
from loader.redaction import redact
from runner.settings import PROJECT, Files, RunError


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 done, 1 stopped with the reason on stderr."""
    parser = argparse.ArgumentParser(prog="python -m brief", description=__doc__)
    parser.add_argument(
        "--published", type=Path, help="a published database; the one that the environment names"
    )
    parser.add_argument("--to", type=Path, metavar="FILE", help="where to write; exports/brief.html")
    parser.add_argument(
        "--as-of", type=clock.day, default=os.environ.get("AS_OF") or None, metavar="YYYY-MM-DD"
    )
    parser.add_argument(
        "--since",
        type=clock.day,
        metavar="YYYY-MM-DD",
        help="the day of the brief before; the weekday before",
    )
    options = parser.parse_args(arguments)
    try:
        files = Files.in_folder(PROJECT)
        page = options.to or files.exports / "brief.html"
        print(write(options.published or files.published, page, options.as_of, options.since))
    except (RunError, duckdb.Error, *DISK_ERRORS) as error:
        print(f"stopped: {redact(str(error))}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
