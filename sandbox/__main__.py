"""Command line of the sandbox: `python -m sandbox --help`."""

import argparse
import os
import signal
import sys
from datetime import date
from pathlib import Path
from typing import get_args

from sandbox import archive, generator
from sandbox.server import Server
from sandbox.service import Pagination, Service, parse_time


def main() -> int:
    """Serves until it is told to stop (SIGTERM or SIGINT); prints the base URL once it listens."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options = _parser().parse_args()
    try:
        names = dict(pair.split("=") for pair in options.names.split(",") if pair)
        if options.records:
            source = archive.read_folder(
                options.records, names.get("filing_date", "filing_date"), names.get("id", "id")
            )
        else:
            source = generator.build(
                options.scenario,
                options.filings,
                options.seed,
                options.start_date,
                options.end_date,
                options.add_only,
            )
        service = Service(
            source, parse_time(options.now), options.faults, options.pagination, options.with_total, names
        )
        with Server(service, options.port, options.api_key or os.environ.get("SANDBOX_API_KEY")) as server:
            service.stats()
            print(server.url, flush=True)
            server.serve_forever()
    except (ValueError, OSError) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        pass
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="Serves a synthetic archive of insider filings, or a folder of records, on this machine.",
    )
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument("--scenario", choices=get_args(generator.Scenario), default="realistic")
    parser.add_argument("--filings", type=int, help="how many; by default as many as suit the scenario")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--start-date", type=date.fromisoformat, default=date(2025, 1, 1), help="first filing date"
    )
    parser.add_argument(
        "--end-date", type=date.fromisoformat, default=date(2026, 3, 31), help="last filing date"
    )
    parser.add_argument(
        "--add-only", action="store_true", help="no changes in place, nothing vanishes or appears late"
    )
    parser.add_argument(
        "--records", type=Path, help="serve the *.json and *.jsonl files of this folder instead"
    )
    parser.add_argument(
        "--now", help="ISO time until which the server knows; without it, everything in its last state"
    )
    parser.add_argument(
        "--api-key", help="required of every request for records; SANDBOX_API_KEY hides it from ps"
    )
    parser.add_argument(
        "--faults", default="", help="what goes wrong and when: see the module sandbox.faults"
    )
    parser.add_argument(
        "--pagination",
        choices=get_args(Pagination),
        default="cursor",
        help="of requests that do not tell by page or offset",
    )
    parser.add_argument(
        "--with-total", action="store_true", help="tell total_count in replies with a cursor, too"
    )
    parser.add_argument(
        "--names",
        default="",
        help="other names of parameters, keys of replies, id and filing_date: results=items,from_date=from",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
