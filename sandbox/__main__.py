"""Command line of the sandbox: `python -m sandbox --help`."""

import argparse
import os
import signal
import sys
from threading import Event

from sandbox import generator
from sandbox.server import ArchiveFeed


def main() -> int:
    """Serves until it is told to stop (SIGTERM or SIGINT); prints the base URL once it listens."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="Serves a synthetic archive of insider filings, or a folder of records, on this machine."
        " SANDBOX_API_KEY is the key that requests must show.",
    )
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    generator.add_arguments(parser)
    parser.add_argument(
        "--now", help="ISO time until which the server knows; without it, everything in its last state"
    )
    options = parser.parse_args()
    try:
        feed = ArchiveFeed(generator.from_arguments(options), options.now, os.environ.get("SANDBOX_API_KEY"))
        with feed.serve(options.port):
            print(feed.url, flush=True)
            Event().wait()
    except (ValueError, OSError) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
