"""``python -m explain ISSUER``: why an issuer has its score on a day, and what would change it."""

import argparse
import json
import os
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console

from explain.answer import issuer
from explain.report import print_answer
from explain.search import Unknown, find
from loader import clock
from loader.redaction import visible
from runner.publish import open_published
from runner.settings import PROJECT, Files, RunError


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 answered, 1 stopped with the reason on stderr."""
    sys.stdout.reconfigure(errors="backslashreplace")
    parser = argparse.ArgumentParser(prog="python -m explain", description=__doc__)
    parser.add_argument("issuer", help="its ticker, name, part of its name, or id")
    parser.add_argument(
        "--as-of", type=clock.day, default=os.environ.get("AS_OF") or None, metavar="YYYY-MM-DD"
    )
    parser.add_argument("--json", action="store_true", help="everything, with the payloads, as JSON")
    parser.add_argument("--database", type=Path, help="a published database; as the environment says")
    options = parser.parse_args(arguments)
    try:
        published = options.database or Files.in_folder(PROJECT).published
        if not published.exists():
            raise RunError(
                f"there is no published database {published}: make signal makes it; "
                "INSIDER_MARTS_DB or --database names another, such as demo/insider_marts.duckdb of make demo"
            )
        with open_published(published) as connection:
            found = find(connection, options.issuer)
            answer = issuer(connection, found.issuer_id, options.as_of, found.source)
    except (Unknown, ValueError, RunError, duckdb.Error) as error:
        print(f"stopped: {visible(str(error))}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(answer, indent=2, default=_plain))
    else:
        # Names come from feeds: no bracket or colon in them is markup.
        print_answer(
            answer,
            Console(width=None if sys.stdout.isatty() else 160, markup=False, emoji=False, highlight=False),
        )
    return 0


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value)} has no form in JSON")


if __name__ == "__main__":
    sys.exit(main())
